namespace EdgeCoder.Training.Tokens;

/// <summary>
/// The printable stand-ins that byte-level BPE gives to the 256 byte values, so that every token can be written as text.
/// Source: the byte encoder published with GPT-2; printable Latin-1 stands for itself, the other bytes take code points from 256 up.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = Build();

    /// <summary>Byte values in the order in which they become the first 256 tokens.</summary>
    public static IReadOnlyList<byte> Order { get; } = [.. Enumerable.Range(0, 256).Where(Printable).Concat(Enumerable.Range(0, 256).Where(value => !Printable(value))).Select(value => (byte)value)];

    /// <summary>The stand-in of a byte.</summary>
    public static char Of(byte value) => Characters[value];

    /// <summary>The stand-ins of a text's bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            text[i] = Characters[bytes[i]];
        }

        return new string(text);
    }

    private static char[] Build()
    {
        var characters = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            characters[value] = Printable(value) ? (char)value : (char)next++;
        }

        return characters;
    }

    private static bool Printable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
}
