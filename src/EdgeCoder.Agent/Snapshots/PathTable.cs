namespace EdgeCoder.Agent.Snapshots;

/// <summary>The names of a tree, so that no two of them are one on some file system and none is a file and a directory.</summary>
internal sealed class PathTable
{
    private readonly Dictionary<string, (string Spelling, bool IsDirectory)> names = new(StringComparer.Ordinal);

    /// <summary>Adds a file or link with the directories above it. Gives why it cannot be there; null when it can.</summary>
    public string? Add(string path)
    {
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            var directory = path[..slash];
            if (!names.TryAdd(SnapshotPath.Fold(directory), (directory, true)) && names[SnapshotPath.Fold(directory)] is var known && (!known.IsDirectory || known.Spelling != directory))
            {
                return known.IsDirectory ? $"{directory} and {known.Spelling} are one name on some systems" : $"{known.Spelling} is not a directory";
            }
        }

        return names.TryAdd(SnapshotPath.Fold(path), (path, false)) ? null
            : names[SnapshotPath.Fold(path)] is var there && there.IsDirectory ? $"{there.Spelling} is a directory"
            : there.Spelling == path ? $"{path} is there twice"
            : $"{path} and {there.Spelling} are one name on some systems";
    }
}
