using System.Buffers.Binary;
using System.IO.Compression;

namespace EdgeCoder.Agent.Snapshots;

/// <summary>The forward half of a <c>GIT binary patch</c>. Pure.</summary>
/// <param name="IsDelta">Whether it is a delta of the old content; else it is the new content.</param>
/// <param name="Data">The data, inflated.</param>
internal sealed record BinaryChange(bool IsDelta, byte[] Data)
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

    /// <summary>Reads the lines of one half; null when they are none.</summary>
    /// <param name="isDelta">Which kind its header says.</param>
    /// <param name="size">Inflated size, as its header says.</param>
    /// <param name="lines">The lines without their ends.</param>
    public static BinaryChange? Read(bool isDelta, int size, IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        using var packed = new MemoryStream();
        foreach (var line in lines)
        {
            if (!Decode(line.Span, packed))
            {
                return null;
            }
        }

        packed.Position = 0;
        try
        {
            var data = new byte[size];
            using var inflated = new ZLibStream(packed, CompressionMode.Decompress);
            return inflated.ReadAtLeast(data, size, throwOnEndOfStream: false) == size && inflated.ReadByte() < 0 ? new(isDelta, data) : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>The new content; null when the delta is not of this content, or makes more than a limit.</summary>
    public byte[]? Apply(ReadOnlySpan<byte> old, long most)
    {
        if (!IsDelta)
        {
            return Data;
        }

        var at = 0;
        if (Length(ref at) != old.Length || Length(ref at) is not { } size || size > most)
        {
            return null;
        }

        using var result = new MemoryStream((int)size);
        while (at < Data.Length)
        {
            var code = Data[at++];
            if ((code & 0x80) == 0)
            {
                if (code == 0 || at + code > Data.Length)
                {
                    return null;
                }

                result.Write(Data, at, code);
                at += code;
                continue;
            }

            if (Number(code, 4, ref at) is not { } offset || Number(code >> 4, 3, ref at) is not { } count)
            {
                return null;
            }

            count = count == 0 ? 0x10000 : count;
            if (offset + count > old.Length || result.Length + count > size)
            {
                return null;
            }

            result.Write(old.Slice((int)offset, (int)count));
        }

        return result.Length == size ? result.ToArray() : null;
    }

    private long? Length(ref int at)
    {
        long value = 0;
        for (var shift = 0; at < Data.Length && shift < 35; shift += 7)
        {
            var one = Data[at++];
            value |= (long)(one & 0x7f) << shift;
            if ((one & 0x80) == 0)
            {
                return value;
            }
        }

        return null;
    }

    private long? Number(int flags, int bytes, ref int at)
    {
        long value = 0;
        for (var i = 0; i < bytes; i++)
        {
            if ((flags & (1 << i)) != 0)
            {
                if (at >= Data.Length)
                {
                    return null;
                }

                value |= (long)Data[at++] << (8 * i);
            }
        }

        return value;
    }

    // A letter for the count of bytes, then five digits of base 85 for each four.
    private static bool Decode(ReadOnlySpan<byte> line, Stream packed)
    {
        if (line.Length < 6 || line.Length % 5 != 1)
        {
            return false;
        }

        var count = line[0] is >= (byte)'A' and <= (byte)'Z' ? line[0] - 'A' + 1 : line[0] is >= (byte)'a' and <= (byte)'z' ? line[0] - 'a' + 27 : 0;
        if (count == 0 || (count + 3) / 4 != line.Length / 5)
        {
            return false;
        }

        Span<byte> four = stackalloc byte[4];
        for (var i = 1; i < line.Length; i += 5, count -= 4)
        {
            long value = 0;
            foreach (var digit in line.Slice(i, 5))
            {
                var known = Digits.IndexOf((char)digit, StringComparison.Ordinal);
                if (known < 0)
                {
                    return false;
                }

                value = (value * 85) + known;
            }

            if (value > uint.MaxValue)
            {
                return false;
            }

            BinaryPrimitives.WriteUInt32BigEndian(four, (uint)value);
            packed.Write(four[..Math.Min(4, count)]);
        }

        return true;
    }
}
