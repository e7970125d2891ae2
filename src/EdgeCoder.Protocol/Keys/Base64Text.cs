using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace EdgeCoder.Protocol.Keys;

/// <summary>Padded standard base64 of a known number of bytes, in its one form: no spaces, no stray bits, no missing padding.</summary>
public static class Base64Text
{
    /// <summary>Reads exactly as many bytes as <paramref name="bytes"/> holds. Anything else is false; never throws.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        var length = Base64.GetMaxEncodedToUtf8Length(bytes.Length);
        if (text.Length != length)
        {
            return false;
        }

        Span<byte> ascii = length <= 512 ? stackalloc byte[length] : new byte[length];
        Span<byte> again = length <= 512 ? stackalloc byte[length] : new byte[length];

        // Written again it must be the same, because the decoder forgives stray bits in the last character.
        return Encoding.ASCII.TryGetBytes(text, ascii, out var count)
            && count == length
            && Base64.DecodeFromUtf8(ascii, bytes, out _, out var read) == OperationStatus.Done
            && read == bytes.Length
            && Base64.EncodeToUtf8(bytes, again, out _, out _) == OperationStatus.Done
            && ascii.SequenceEqual(again);
    }

    /// <summary>Reads any number of bytes; null for anything that is not padded base64.</summary>
    public static byte[]? TryRead(string? text)
    {
        if (text is null || text.Length % 4 != 0)
        {
            return null;
        }

        var padding = text.EndsWith("==", StringComparison.Ordinal) ? 2 : text.EndsWith('=') ? 1 : 0;
        var bytes = new byte[Math.Max(0, (text.Length / 4 * 3) - padding)];
        return TryRead(text, bytes) ? bytes : null;
    }
}
