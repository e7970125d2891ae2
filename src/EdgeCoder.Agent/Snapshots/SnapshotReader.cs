using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Agent.Snapshots;

/// <summary>
/// Reads a snapshot blob strictly: entries in order, no path that leaves the tree, no two names that are one somewhere, no link out, and no byte that
/// <see cref="SnapshotArchive.Pack"/> would not have written. Everything else is a <see cref="SnapshotException"/>.
/// </summary>
internal sealed class SnapshotReader : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly Pull pull;
    private readonly SnapshotLimits limits;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<SnapshotEntry> entries = [];
    private readonly PathTable names = new();
    private readonly Dictionary<string, string> links = new(StringComparer.Ordinal);
    private long bytes;

    public SnapshotReader(Stream source, SnapshotLimits limits)
    {
        pull = source.Read;
        this.limits = limits;
    }

    private delegate int Pull(Span<byte> buffer);

    /// <summary>Reads all of it.</summary>
    /// <param name="file">Given each file with its bytes, which are copied before it returns; links come only in the result.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Snapshot Read(Action<SnapshotEntry, Action<Stream>> file, CancellationToken cancellationToken)
    {
        while (Next(out var entry))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Check(entry);
            entries.Add(entry);
            if (entry.Target is { } target)
            {
                links.Add(SnapshotPath.Fold(entry.Path), target);
                continue;
            }

            var copied = false;
            file(entry, destination =>
            {
                copied = true;
                Copy(destination, entry.Size);
            });
            if (!copied)
            {
                Copy(Stream.Null, entry.Size);
            }

            Zeros(TarBlocks.Padding(entry.Size));
        }

        foreach (var link in entries.Where(entry => entry.Target is not null))
        {
            if (LinkTargets.WhyNot(link.Path, link.Target!, links) is { } why)
            {
                throw new SnapshotException(SnapshotFaults.PathEscape, $"The link {link.Path} is refused: {why}.");
            }
        }

        return new(Convert.ToHexStringLower(hash.GetHashAndReset()), bytes, entries, []);
    }

    public void Dispose() => hash.Dispose();

    private bool Next(out SnapshotEntry entry)
    {
        var header = new MemoryStream();
        var block = Take(TarBlocks.Size);
        entry = null!;
        if (block.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            Zeros(TarBlocks.Size);
            return pull(new byte[1]) == 0 ? false : throw Malformed("bytes follow its end");
        }

        header.Write(block);
        var target = Long(TarBlocks.LongTarget, header, ref block);
        var path = Long(TarBlocks.LongPath, header, ref block);
        if (TarBlocks.Read(block) is not { } read || read.Type is not (TarBlocks.File or TarBlocks.Link))
        {
            throw new SnapshotException(SnapshotFaults.Unsupported, "The snapshot holds an entry that is neither a file nor a link.");
        }

        var isLink = read.Type == TarBlocks.Link;
        entry = new SnapshotEntry(
            path ?? Text(TarBlocks.Name(block, target: false)),
            isLink ? SnapshotEntryKind.Link : read.Executable ? SnapshotEntryKind.Executable : SnapshotEntryKind.File,
            read.Size,
            isLink ? target ?? Text(TarBlocks.Name(block, target: true)) : null);

        // One encoding only: what reads like an entry and was written otherwise could read differently elsewhere.
        return TarBlocks.Header(entry).AsSpan().SequenceEqual(header.ToArray()) && (!isLink || read.Size == 0) ? true : throw Malformed($"the header of {entry.Path} is not in its one form");
    }

    private string? Long(byte type, MemoryStream header, ref byte[] block)
    {
        if (TarBlocks.Read(block) is not { } read || read.Type != type)
        {
            return null;
        }

        if (read.Size < 2 || read.Size > limits.PathBytes + 1)
        {
            throw Malformed("a name is too long");
        }

        var data = Take((int)read.Size + TarBlocks.Padding(read.Size));
        header.Write(data);
        block = Take(TarBlocks.Size);
        header.Write(block);
        return Text(data.AsSpan(0, (int)read.Size - 1));
    }

    private void Check(SnapshotEntry entry)
    {
        if (entries.Count >= limits.Entries)
        {
            throw new SnapshotException(SnapshotFaults.TooLarge, $"The snapshot holds more than {limits.Entries} entries.");
        }

        if (SnapshotPath.WhyNot(entry.Path, limits.PathBytes) is { } why)
        {
            throw new SnapshotException(SnapshotFaults.PathEscape, $"The path {Shown(entry.Path)} of the snapshot is refused: {why}.");
        }

        if (entries.Count > 0 && string.CompareOrdinal(entries[^1].Path, entry.Path) >= 0)
        {
            throw Malformed($"{Shown(entry.Path)} is out of order");
        }

        if (names.Add(entry.Path) is { } collision)
        {
            throw new SnapshotException(SnapshotFaults.Collision, $"The path {Shown(entry.Path)} of the snapshot is refused: {collision}.");
        }
    }

    private byte[] Take(int count)
    {
        var taken = new byte[count];
        Count(count);
        for (var filled = 0; filled < count;)
        {
            var read = pull(taken.AsSpan(filled));
            filled += read > 0 ? read : throw Malformed("it is cut off");
        }

        hash.AppendData(taken);
        return taken;
    }

    private void Zeros(int count)
    {
        if (Take(count).AsSpan().IndexOfAnyExcept((byte)0) >= 0)
        {
            throw Malformed("its padding is not zero");
        }
    }

    private void Copy(Stream destination, long size)
    {
        var buffer = new byte[(int)Math.Min(1 << 16, Math.Max(size, 1))];
        Count(size);
        for (var left = size; left > 0;)
        {
            var read = pull(buffer.AsSpan(0, (int)Math.Min(left, buffer.Length)));
            if (read == 0)
            {
                throw Malformed("it is cut off");
            }

            hash.AppendData(buffer, 0, read);
            destination.Write(buffer, 0, read);
            left -= read;
        }
    }

    private void Count(long more)
    {
        bytes = checked(bytes + more);
        if (bytes > limits.Bytes)
        {
            throw new SnapshotException(SnapshotFaults.TooLarge, $"The snapshot is larger than {limits.Bytes} bytes.");
        }
    }

    private static string Text(ReadOnlySpan<byte> name)
    {
        try
        {
            return Utf8.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("a name is not UTF-8");
        }
    }

    private static string Shown(string path) => string.Concat(path.Take(200).Select(letter => letter < ' ' ? '?' : letter));

    private static SnapshotException Malformed(string why) => new(SnapshotFaults.Malformed, $"The snapshot is not one that EdgeCoder packed: {why}.");
}
