using System.Security.Cryptography;
using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Secrets;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Snapshots;

/// <summary>What of a directory goes into a snapshot.</summary>
public enum SnapshotSelection
{
    /// <summary>What a project shares: not what it ignores, nothing of version control, and no file whose content the secret-file policy denies.</summary>
    Project,

    /// <summary>Everything but version control: for trees that came out of a snapshot.</summary>
    Whole,
}

/// <summary>
/// A frozen tree as one blob (coordinator-and-mesh 4.1): a tar of files and in-tree links in the order of their paths, without owners, times and
/// directories. One tree has exactly one blob, so its SHA-256 names the tree.
/// </summary>
public static class SnapshotArchive
{
    private const int LongestLink = 1_024;

    /// <summary>Packs a directory.</summary>
    /// <param name="directory">The directory. Nothing outside it is read: links are packed as links.</param>
    /// <param name="destination">Where the blob goes.</param>
    /// <param name="selection">What goes in.</param>
    /// <param name="limits">Limits; the defaults when null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="SnapshotException">An entry cannot be packed, or there is too much; what was written is no snapshot.</exception>
    public static Snapshot Pack(string directory, Stream destination, SnapshotSelection selection, SnapshotLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        limits ??= SnapshotLimits.Default;
        using var root = ProjectRoot.Open(directory);
        var (found, leftOut) = Find(root, selection, limits, cancellationToken);
        Check(found, limits);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long written = 0;
        void Write(ReadOnlySpan<byte> bytes)
        {
            written += bytes.Length;
            if (written > limits.Bytes)
            {
                throw new SnapshotException(SnapshotFaults.TooLarge, $"{directory} is larger than {limits.Bytes} bytes as a snapshot. Ignore what the work does not need (.gitignore).");
            }

            hash.AppendData(bytes);
            destination.Write(bytes);
        }

        List<SnapshotEntry> entries = [];
        foreach (var entry in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var content = entry.Kind == SnapshotEntryKind.Link ? [] : Read(root, entry.Path, limits);
            var exact = entry with { Size = content.Length };
            Write(TarBlocks.Header(exact));
            Write(content);
            Write(new byte[TarBlocks.Padding(content.Length)]);
            entries.Add(exact);
        }

        Write(new byte[2 * TarBlocks.Size]);
        return new(Convert.ToHexStringLower(hash.GetHashAndReset()), written, entries, leftOut);
    }

    /// <summary>Unpacks a blob into a directory that is empty or does not exist. Files are made anew and links last, so nothing is written through a link.</summary>
    /// <param name="source">The blob.</param>
    /// <param name="directory">The directory; empty again when this throws.</param>
    /// <param name="expectedDigest">The digest it must have; null: any.</param>
    /// <param name="limits">Limits; the defaults when null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="SnapshotException">The blob is refused.</exception>
    public static Snapshot Unpack(Stream source, string directory, string? expectedDigest, SnapshotLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var made = !Directory.Exists(directory);
        if (!made && Directory.EnumerateFileSystemEntries(directory).Any())
        {
            throw new SnapshotException(SnapshotFaults.Unsupported, $"{directory} is not empty. A snapshot is unpacked into a new directory.");
        }

        var top = Directory.CreateDirectory(directory).FullName;
        try
        {
            using var reader = new SnapshotReader(source, limits ?? SnapshotLimits.Default);
            var snapshot = reader.Read((entry, content) => WriteFile(Path.Combine(top, entry.Path), entry, content), cancellationToken);
            if (expectedDigest is not null && snapshot.Digest != expectedDigest)
            {
                throw new SnapshotException(SnapshotFaults.DigestMismatch, $"The snapshot's bytes hash to {snapshot.Digest}, not to {expectedDigest}.");
            }

            foreach (var link in snapshot.Entries.Where(entry => entry.Target is not null))
            {
                var path = Path.Combine(top, link.Path);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.CreateSymbolicLink(path, link.Target!);
            }

            return snapshot;
        }
        catch
        {
            Clear(top, made);
            throw;
        }
    }

    /// <summary>Reads a blob to its end without writing anything: whether it is a snapshot, and what is in it.</summary>
    /// <exception cref="SnapshotException">The blob is refused.</exception>
    public static Snapshot Inspect(Stream source, SnapshotLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var reader = new SnapshotReader(source, limits ?? SnapshotLimits.Default);
        return reader.Read((_, _) => { }, cancellationToken);
    }

    private static (List<SnapshotEntry> Found, List<string> LeftOut) Find(ProjectRoot root, SnapshotSelection selection, SnapshotLimits limits, CancellationToken cancellationToken)
    {
        List<SnapshotEntry> found = [];
        List<string> leftOut = [];
        var project = selection == SnapshotSelection.Project;
        TreeWalk.Run(root, ProjectPath.Root, project ? IgnoreRules.Create(root) : null, hidden: true, depth: int.MaxValue, Visit, cancellationToken);
        found.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return (found, leftOut);

        bool Visit(WalkedEntry entry)
        {
            var path = entry.Path.Value;
            if (ProtectedNames.IsGit(entry.Entry.Name))
            {
                return false;
            }

            if (!entry.Entry.Reachable)
            {
                throw new SnapshotException(SnapshotFaults.Unsupported, $"The name of {path} is not UTF-8. Rename it or ignore it (.gitignore).");
            }

            if (entry.Entry.Kind == EntryKind.Directory)
            {
                return true;
            }

            if (project && SecretFilePolicy.Default.IsDenied(path))
            {
                leftOut.Add(path);
                return false;
            }

            found.Add(Entry(root, entry));
            return found.Count <= limits.Entries ? false : throw new SnapshotException(SnapshotFaults.TooLarge, $"There are more than {limits.Entries} files. Ignore what the work does not need (.gitignore).");
        }
    }

    private static SnapshotEntry Entry(ProjectRoot root, WalkedEntry entry) => entry.Entry.Kind switch
    {
        EntryKind.File => new(entry.Path.Value, IsExecutable(entry.State) ? SnapshotEntryKind.Executable : SnapshotEntryKind.File, 0),
        EntryKind.Link => new(entry.Path.Value, SnapshotEntryKind.Link, 0, LinkOf(root, entry.Path)),
        _ => throw new SnapshotException(SnapshotFaults.Unsupported, $"{entry.Path} is a device, a socket or a pipe. Remove it or ignore it (.gitignore)."),
    };

    // The owner's bit is what git keeps too.
    private static bool IsExecutable(EntryState? state) => state is { } known && (known.Mode & 0b001_000_000) != 0;

    private static string LinkOf(ProjectRoot root, ProjectPath path)
    {
        var target = "";
        root.Visit(path.Parent, (directory, _) => target = directory.ReadLink(path.Name));
        return target.Length <= LongestLink ? target : throw new SnapshotException(SnapshotFaults.Unsupported, $"The target of the link {path} is too long.");
    }

    private static void Check(List<SnapshotEntry> found, SnapshotLimits limits)
    {
        var names = new PathTable();
        var links = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var link in found.Where(entry => entry.Target is not null))
        {
            links.TryAdd(SnapshotPath.Fold(link.Path), link.Target!);
        }

        foreach (var entry in found)
        {
            if (SnapshotPath.WhyNot(entry.Path, limits.PathBytes) is { } why)
            {
                throw new SnapshotException(SnapshotFaults.PathEscape, $"{entry.Path} cannot be packed: {why}. Rename it or ignore it (.gitignore).");
            }

            if (names.Add(entry.Path) is { } collision)
            {
                throw new SnapshotException(SnapshotFaults.Collision, $"{entry.Path} cannot be packed: {collision}. Rename one of them.");
            }

            if (entry.Target is { } target && LinkTargets.WhyNot(entry.Path, target, links) is { } escape)
            {
                throw new SnapshotException(SnapshotFaults.PathEscape, $"The link {entry.Path} cannot be packed: {escape}. Replace it by what it points to, or ignore it (.gitignore).");
            }
        }
    }

    private static byte[] Read(ProjectRoot root, string path, SnapshotLimits limits)
    {
        try
        {
            using var file = root.OpenFile(new(path));
            return file.Length <= limits.Bytes
                ? file.Read(limits.Bytes)
                : throw new SnapshotException(SnapshotFaults.TooLarge, $"{path} is larger than {limits.Bytes} bytes. Ignore it (.gitignore).");
        }
        catch (ToolException fault)
        {
            throw new SnapshotException(SnapshotFaults.Unsupported, $"{path} cannot be read: {fault.Message}");
        }
    }

    private static void WriteFile(string path, SnapshotEntry entry, Action<Stream> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = SnapshotFiles.Create(path, entry.Kind == SnapshotEntryKind.Executable);
        content(file);
    }

    private static void Clear(string directory, bool remove)
    {
        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } inner)
            {
                inner.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }

        if (remove)
        {
            Directory.Delete(directory);
        }
    }
}
