using System.Buffers;

namespace EdgeCoder.Protocol.Canonical;

/// <summary>Strings as RFC 8785 3.2.2.2 writes them: only quote, backslash and control characters are escaped, each in its shortest form.</summary>
internal static class CanonicalText
{
    private static readonly SearchValues<byte> Escaped = SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (byte)c), (byte)'"', (byte)'\\']);

    /// <summary>Writes text that needs no escape.</summary>
    public static void Quote(ByteBuffer output, ReadOnlySpan<byte> text)
    {
        output.Write((byte)'"');
        output.Write(text);
        output.Write((byte)'"');
    }

    /// <summary>Writes any UTF-8 text.</summary>
    public static void Escape(ByteBuffer output, ReadOnlySpan<byte> text)
    {
        output.Write((byte)'"');
        for (int at; (at = text.IndexOfAny(Escaped)) >= 0; text = text[(at + 1)..])
        {
            output.Write(text[..at]);
            WriteEscape(output, text[at]);
        }

        output.Write(text);
        output.Write((byte)'"');
    }

    private static void WriteEscape(ByteBuffer output, byte character)
    {
        output.Write((byte)'\\');
        switch (character)
        {
            case (byte)'"' or (byte)'\\':
                output.Write(character);
                break;
            case (byte)'\b':
                output.Write((byte)'b');
                break;
            case (byte)'\t':
                output.Write((byte)'t');
                break;
            case (byte)'\n':
                output.Write((byte)'n');
                break;
            case (byte)'\f':
                output.Write((byte)'f');
                break;
            case (byte)'\r':
                output.Write((byte)'r');
                break;
            default:
                output.Write("u00"u8);
                output.Write("0123456789abcdef"u8[character >> 4]);
                output.Write("0123456789abcdef"u8[character & 15]);
                break;
        }
    }
}
