using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Agent.RepositoryMaps;

/// <summary>
/// Keeps an index in the data directory, for the next session of the same project. A file that is torn, foreign or of another version counts as none. It holds
/// names and lines of files that the policy does not deny, and is readable by its owner alone.
/// </summary>
internal static class MapCache
{
    private const int HashLength = 32;
    private const long LargestFile = 512L << 20;

    private static ReadOnlySpan<byte> Magic => "EdgeCoder map 1\n"u8;

    /// <summary>Where the index of a project is kept.</summary>
    public static string PathOf(string dataDirectory, string projectRoot) =>
        Path.Combine(dataDirectory, "maps", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(projectRoot)))[..32] + ".map");

    /// <summary>The index that was kept; null when there is none.</summary>
    public static SymbolIndex? Read(string path)
    {
        try
        {
            var info = new FileInfo(path);
            if (!info.Exists || info.Length > LargestFile)
            {
                return null;
            }

            var bytes = File.ReadAllBytes(path);
            return bytes.Length > Magic.Length + HashLength && bytes.AsSpan().StartsWith(Magic) && SHA256.HashData(bytes.AsSpan(0, bytes.Length - HashLength)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - HashLength))
                ? Parse(bytes.AsMemory(Magic.Length, bytes.Length - Magic.Length - HashLength))
                : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Keeps an index. A fault of the disk costs time at the next session and nothing else.</summary>
    public static void Write(string path, SymbolIndex index)
    {
        var temporary = $"{path}.{Environment.ProcessId}.{RandomNumberGenerator.GetHexString(8)}.tmp";
        try
        {
            var bytes = Format(index);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(bytes);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            DeleteQuietly(temporary);
        }
    }

    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It was not created.
        }
    }

    private static byte[] Format(SymbolIndex index)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Magic);
        Write(writer, Encoding.UTF8.GetBytes(string.Join('\n', index.Names)));
        writer.Write(index.Names.Count);
        writer.Write(index.Files.Count);
        foreach (var file in index.Files)
        {
            Write(writer, Encoding.UTF8.GetBytes(file.Path));
            writer.Write(file.Stamp.Size);
            writer.Write(file.Stamp.ModifiedNs);
            writer.Write(file.Stamp.Inode);
            writer.Write((ulong)(file.Hash >> 64));
            writer.Write((ulong)file.Hash);
            Write(writer, file.Defined);
            Write(writer, file.Lines);
            Write(writer, file.Signatures.Span);
            Write(writer, file.Used);
            Write(writer, file.Counts);
        }

        writer.Flush();
        writer.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    private static void Write(BinaryWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static void Write(BinaryWriter writer, int[] numbers)
    {
        writer.Write(numbers.Length);
        foreach (var number in numbers)
        {
            writer.Write(number);
        }
    }

    private static SymbolIndex Parse(ReadOnlyMemory<byte> bytes)
    {
        var reader = new Reader(bytes);
        var text = Encoding.UTF8.GetString(reader.Bytes().Span);
        var names = reader.Number() == 0 ? [] : text.Split('\n');
        var files = new IndexedFile[reader.Number()];
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = new()
            {
                Path = Encoding.UTF8.GetString(reader.Bytes().Span),
                Stamp = new(reader.Long(), reader.Long(), (ulong)reader.Long()),
                Hash = new((ulong)reader.Long(), (ulong)reader.Long()),
                Defined = reader.Numbers(),
                Lines = reader.Numbers(),
                Signatures = reader.Bytes(),
                Used = reader.Numbers(),
                Counts = reader.Numbers(),
            };
        }

        return new(files, names);
    }

    private struct Reader(ReadOnlyMemory<byte> bytes)
    {
        private int _at;

        public int Number()
        {
            _at += 4;
            return BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[(_at - 4)..]);
        }

        public long Long()
        {
            _at += 8;
            return BinaryPrimitives.ReadInt64LittleEndian(bytes.Span[(_at - 8)..]);
        }

        public ReadOnlyMemory<byte> Bytes()
        {
            var length = Number();
            _at += length;
            return bytes.Slice(_at - length, length);
        }

        public int[] Numbers()
        {
            var count = Number();
            var numbers = new int[count];
            bytes.Span.Slice(_at, count * 4).CopyTo(MemoryMarshal.AsBytes(numbers.AsSpan()));
            _at += count * 4;
            if (!BitConverter.IsLittleEndian)
            {
                BinaryPrimitives.ReverseEndianness(numbers, numbers);
            }

            return numbers;
        }
    }
}
