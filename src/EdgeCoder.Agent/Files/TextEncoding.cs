using System.Text;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Files;

/// <summary>How a file's text is written in bytes; kept when the file is changed.</summary>
internal enum TextEncoding
{
    /// <summary>UTF-8; every new file.</summary>
    Utf8,

    /// <summary>UTF-8 with a byte-order mark.</summary>
    Utf8Mark,

    /// <summary>UTF-16, little-endian, with a byte-order mark.</summary>
    Utf16,

    /// <summary>UTF-16, big-endian, with a byte-order mark.</summary>
    Utf16BigEndian,

    /// <summary>Bytes that are no UTF-8, each a character: ISO 8859-1. Whatever they mean, they come back as they were.</summary>
    Latin1,
}

/// <summary>The text of a file.</summary>
/// <param name="Text">The characters, without byte-order mark, line ends as they are.</param>
/// <param name="Encoding">How it is written.</param>
internal sealed record FileText(string Text, TextEncoding Encoding)
{
    private const int Looked = 8_192;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding StrictLittle = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding StrictBig = new(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);

    /// <summary>The text of a file's bytes; null for a binary file.</summary>
    public static FileText? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes switch
            {
                [0xef, 0xbb, 0xbf, .. var rest] => new(Strict.GetString(rest), TextEncoding.Utf8Mark),
                [0xff, 0xfe, .. var rest] => new(StrictLittle.GetString(rest), TextEncoding.Utf16),
                [0xfe, 0xff, .. var rest] => new(StrictBig.GetString(rest), TextEncoding.Utf16BigEndian),
                _ when IsBinary(bytes) => null,
                _ when System.Text.Unicode.Utf8.IsValid(bytes) => new(Strict.GetString(bytes), TextEncoding.Utf8),
                _ => new(System.Text.Encoding.Latin1.GetString(bytes), TextEncoding.Latin1),
            };
        }
        catch (DecoderFallbackException)
        {
            return null; // It begins like text and is none.
        }
    }

    /// <summary>Whether bytes look like no text: a NUL near the beginning, as git decides.</summary>
    public static bool IsBinary(ReadOnlySpan<byte> bytes) => bytes[..Math.Min(bytes.Length, Looked)].Contains((byte)0);

    /// <summary>The bytes. Throws <see cref="ToolException"/> when the encoding cannot hold the text.</summary>
    public byte[] Encode()
    {
        try
        {
            return Encoding switch
            {
                TextEncoding.Utf8 => Strict.GetBytes(Text),
                TextEncoding.Utf8Mark => [0xef, 0xbb, 0xbf, .. Strict.GetBytes(Text)],
                TextEncoding.Utf16 => [0xff, 0xfe, .. StrictLittle.GetBytes(Text)],
                TextEncoding.Utf16BigEndian => [0xfe, 0xff, .. StrictBig.GetBytes(Text)],
                _ => EncodeLatin1(),
            };
        }
        catch (EncoderFallbackException)
        {
            throw new ToolException("The new text holds half a surrogate pair, which is no character. Nothing was written.");
        }
    }

    private byte[] EncodeLatin1() =>
        Text.FirstOrDefault(character => character > '\u00ff') is var wide && wide != '\0'
            ? throw new ToolException($"The file is not UTF-8 but a single-byte encoding, which cannot hold '{wide}' (U+{(int)wide:X4}). Use characters up to U+00FF, or rewrite the file as UTF-8 by a command. Nothing was written.")
            : System.Text.Encoding.Latin1.GetBytes(Text);
}
