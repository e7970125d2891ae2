using System.Globalization;
using System.Text;

namespace EdgeCoder.Agent.Git;

/// <summary>
/// A path as git has it: bytes, <c>/</c> between segments, relative to the top. On Linux it need not be UTF-8, so it is kept byte by byte and only
/// shown as text.
/// </summary>
internal readonly record struct GitPath : IComparable<GitPath>
{
    // One character for each byte: equality and order are those of the bytes.
    private readonly string? _bytes;

    private GitPath(string bytes) => _bytes = bytes;

    /// <summary>The bytes.</summary>
    public byte[] Bytes => Encoding.Latin1.GetBytes(Raw);

    /// <summary>As text, where it is UTF-8; else null.</summary>
    public string? Text
    {
        get
        {
            try
            {
                return StrictUtf8.GetString(Bytes);
            }
            catch (DecoderFallbackException)
            {
                return null;
            }
        }
    }

    private static UTF8Encoding StrictUtf8 { get; } = new(false, throwOnInvalidBytes: true);

    private string Raw => _bytes ?? "";

    /// <summary>From bytes.</summary>
    public static GitPath Of(ReadOnlySpan<byte> bytes) => new(Encoding.Latin1.GetString(bytes));

    /// <summary>From text.</summary>
    public static GitPath Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <inheritdoc/>
    public int CompareTo(GitPath other) => string.CompareOrdinal(Raw, other.Raw);

    /// <summary>For people and policies: the text; bytes that are no UTF-8 as <c>\xNN</c>.</summary>
    public override string ToString() => Text ?? string.Concat(Raw.Select(c => c < 0x80 ? c.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}")));
}
