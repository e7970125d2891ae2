using System.Buffers.Binary;
using System.Text;

namespace EdgeCoder.Executor.Isolation.Launcher;

/// <summary>Reads what <see cref="PlanWriter"/> wrote. Whatever else it meets is a <see cref="FormatException"/>.</summary>
internal ref struct PlanReader
{
    // Strict: bytes that are no UTF-8 are damage, and a zero inside would end a path early for the kernel.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> left;
    private int fields;

    /// <summary>Begins with the count.</summary>
    public PlanReader(ReadOnlySpan<byte> bytes)
    {
        left = bytes;
        fields = int.MaxValue;
        var count = Length();

        // Each field has a length: a count that cannot be true would become the size of an array.
        fields = count <= left.Length / sizeof(int) ? count : throw new FormatException("The launch plan is cut off.");
    }

    /// <summary>Bytes as they are.</summary>
    public byte[] Bytes() => Next().ToArray();

    /// <summary>Text.</summary>
    public string Text()
    {
        var bytes = Next();
        try
        {
            return bytes.Contains((byte)0) ? throw new FormatException("A text of the launch plan holds a zero byte.") : Utf8.GetString(bytes);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException("A text of the launch plan is not UTF-8.", exception);
        }
    }

    /// <summary>A number of 64 bits.</summary>
    public ulong Number()
    {
        var bytes = Next();
        return bytes.Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : throw new FormatException("A number of the launch plan does not have 8 bytes.");
    }

    /// <summary>A number from a closed range.</summary>
    public int Number(int least, int most)
    {
        var number = Number();
        return number <= (ulong)most && (int)number >= least ? (int)number : throw new FormatException($"A number of the launch plan is {number}, which is not between {least} and {most}.");
    }

    /// <summary>How many items follow; each has at least one field.</summary>
    public int Count() => Number(0, fields);

    /// <summary>Nothing may be left.</summary>
    public readonly void End()
    {
        if (fields != 0 || !left.IsEmpty)
        {
            throw new FormatException("The launch plan does not end where it should.");
        }
    }

    private ReadOnlySpan<byte> Next()
    {
        if (fields-- <= 0)
        {
            throw new FormatException("The launch plan has fewer fields than it should.");
        }

        var length = Length();
        if (length > left.Length)
        {
            throw new FormatException("A field of the launch plan is longer than the plan.");
        }

        var bytes = left[..length];
        left = left[length..];
        return bytes;
    }

    private int Length()
    {
        if (left.Length < 4 || BinaryPrimitives.ReadInt32BigEndian(left) is var length && length < 0)
        {
            throw new FormatException("The launch plan is cut off.");
        }

        length = BinaryPrimitives.ReadInt32BigEndian(left);
        left = left[4..];
        return length;
    }
}
