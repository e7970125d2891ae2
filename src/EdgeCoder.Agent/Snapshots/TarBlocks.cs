using System.Text;

namespace EdgeCoder.Agent.Snapshots;

/// <summary>
/// The headers of a snapshot's tar: POSIX ustar without owner, time or device, names over 100 bytes in GNU's long-name entries. There is exactly one
/// encoding of an entry, so that one tree has one digest. Pure.
/// </summary>
internal static class TarBlocks
{
    /// <summary>Size of a block.</summary>
    public const int Size = 512;

    /// <summary>Type of a file.</summary>
    public const byte File = (byte)'0';

    /// <summary>Type of a symbolic link.</summary>
    public const byte Link = (byte)'2';

    /// <summary>Type of the entry that holds the long path of the next.</summary>
    public const byte LongPath = (byte)'L';

    /// <summary>Type of the entry that holds the long link target of the next.</summary>
    public const byte LongTarget = (byte)'K';

    private const int NameLength = 100;

    private static ReadOnlySpan<byte> LongName => "././@LongLink"u8;

    /// <summary>The header blocks of an entry.</summary>
    public static byte[] Header(SnapshotEntry entry)
    {
        using var bytes = new MemoryStream();
        var (path, target) = (Encoding.UTF8.GetBytes(entry.Path), Encoding.UTF8.GetBytes(entry.Target ?? ""));
        Long(bytes, LongTarget, target);
        Long(bytes, LongPath, path);
        var (type, mode) = entry.Kind switch
        {
            SnapshotEntryKind.Link => (Link, 0b111_111_111),
            SnapshotEntryKind.Executable => (File, 0b111_101_101),
            _ => (File, 0b110_100_100),
        };
        bytes.Write(Block(path.AsSpan(0, Math.Min(path.Length, NameLength)), target.AsSpan(0, Math.Min(target.Length, NameLength)), type, mode, entry.Size));
        return bytes.ToArray();
    }

    /// <summary>Zero bytes after content of a size.</summary>
    public static int Padding(long size) => (int)((Size - (size % Size)) % Size);

    /// <summary>Type, size and the executable bit of a header; null when it is not one. The caller compares it with what <see cref="Header"/> writes.</summary>
    public static (byte Type, long Size, bool Executable)? Read(ReadOnlySpan<byte> block)
    {
        long size = 0;
        foreach (var digit in block.Slice(124, 11))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return null;
            }

            size = (size << 3) | (uint)(digit - '0');
        }

        return (block[156], size, block[104] == (byte)'7');
    }

    /// <summary>Path or target of a header.</summary>
    public static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> block, bool target)
    {
        var field = block.Slice(target ? 157 : 0, NameLength);
        return field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field;
    }

    private static void Long(MemoryStream bytes, byte type, byte[] text)
    {
        if (text.Length > NameLength)
        {
            bytes.Write(Block(LongName, [], type, 0, text.Length + 1));
            bytes.Write(text);
            bytes.Write(new byte[1 + Padding(text.Length + 1)]);
        }
    }

    private static byte[] Block(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, byte type, int mode, long size)
    {
        var block = new byte[Size];
        name.CopyTo(block);
        Octal(block.AsSpan(100, 8), mode);
        Octal(block.AsSpan(108, 8), 0);
        Octal(block.AsSpan(116, 8), 0);
        Octal(block.AsSpan(124, 12), size);
        Octal(block.AsSpan(136, 12), 0);
        block.AsSpan(148, 8).Fill((byte)' ');
        block[156] = type;
        target.CopyTo(block.AsSpan(157));
        "ustar"u8.CopyTo(block.AsSpan(257));
        block[263] = (byte)'0';
        block[264] = (byte)'0';
        var sum = 0;
        foreach (var one in block)
        {
            sum += one;
        }

        Octal(block.AsSpan(148, 7), sum);
        block[155] = (byte)' ';
        return block;
    }

    private static void Octal(Span<byte> field, long value)
    {
        field[^1] = 0;
        for (var i = field.Length - 2; i >= 0; i--, value >>= 3)
        {
            field[i] = (byte)('0' + (value & 7));
        }
    }
}
