namespace EdgeCoder.Agent.Snapshots;

/// <summary>The files and links of an unpacked snapshot, as they lie there.</summary>
internal sealed class SnapshotTree
{
    private readonly string directory;
    private readonly Dictionary<string, bool> entries;

    private SnapshotTree(string directory, Dictionary<string, bool> entries)
    {
        this.directory = directory;
        this.entries = entries;
    }

    /// <summary>All paths.</summary>
    public IEnumerable<string> Paths => entries.Keys;

    /// <summary>Looks through a directory; links are not followed.</summary>
    public static SnapshotTree Read(string directory)
    {
        var entries = new Dictionary<string, bool>(StringComparer.Ordinal);
        var pending = new Stack<DirectoryInfo>([new DirectoryInfo(directory)]);
        while (pending.TryPop(out var at))
        {
            foreach (var entry in at.EnumerateFileSystemInfos())
            {
                if (entry is DirectoryInfo { LinkTarget: null } inner)
                {
                    pending.Push(inner);
                }
                else
                {
                    entries.Add(Path.GetRelativePath(directory, entry.FullName).Replace('\\', '/'), entry.LinkTarget is not null);
                }
            }
        }

        return new(directory, entries);
    }

    /// <summary>The nearest link among the directories above a path; null when there is none.</summary>
    public string? LinkAbove(string path)
    {
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            if (entries.GetValueOrDefault(path[..slash]))
            {
                return path[..slash];
            }
        }

        return null;
    }

    /// <summary>Content of a file.</summary>
    public byte[] ReadFile(string path) => entries.TryGetValue(path, out var isLink) && !isLink
        ? File.ReadAllBytes(Path.Combine(directory, path))
        : throw new PatchFaultException(PatchFaultKind.DoesNotApply, $"The patch does not apply to {path}: {(isLink ? "it is a link, which a patch does not change" : "there is no such file")}.");

    /// <summary>Whether its owner may execute a file.</summary>
    public bool IsExecutable(string path) => SnapshotFiles.IsExecutable(Path.Combine(directory, path));
}
