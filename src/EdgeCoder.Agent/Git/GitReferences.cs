using System.Text;
using EdgeCoder.Agent.Repositories;

namespace EdgeCoder.Agent.Git;

/// <summary>Head and references of a repository, read from its files: git itself would read the repository's configuration first.</summary>
/// <param name="Branch">Full name of the branch that HEAD is on; null when it is detached.</param>
/// <param name="Head">The commit; null when the branch has none yet.</param>
/// <param name="All">All references of branches, remote branches and tags, by full name.</param>
internal sealed record GitReferences(string? Branch, string? Head, IReadOnlyDictionary<string, string> All)
{
    private const int MostReferences = 100_000;
    private const int MostPackedBytes = 64 << 20;

    /// <summary>Reads them.</summary>
    public static GitReferences Read(GitLayout layout)
    {
        if (Directory.Exists(Path.Combine(layout.CommonDirectory, "reftable")))
        {
            throw new RepositoryException("repository_unsupported", "The repository keeps its references in the reftable format, which is not supported.", "Convert it: git refs migrate --ref-format=files.");
        }

        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var packed = Path.Combine(layout.CommonDirectory, "packed-refs");
        if (File.Exists(packed))
        {
            foreach (var (name, id) in Packed(Encoding.UTF8.GetString(BoundedFile.Read(packed, MostPackedBytes))))
            {
                all[name] = id;
            }
        }

        foreach (var kind in (string[])["heads", "remotes", "tags"])
        {
            AddLoose(all, layout.CommonDirectory, $"refs/{kind}");
        }

        var head = Encoding.UTF8.GetString(BoundedFile.Read(Path.Combine(layout.GitDirectory, "HEAD"), 4096)).Trim();
        return head.StartsWith("ref: ", StringComparison.Ordinal)
            ? new GitReferences(head[5..].Trim(), all.GetValueOrDefault(head[5..].Trim()), all)
            : IsId(head)
                ? new GitReferences(null, head, all)
                : throw new RepositoryException("repository_unsupported", "The repository's HEAD cannot be read.", "Repair it (git fsck).");
    }

    /// <summary>The references of a <c>packed-refs</c> file.</summary>
    public static IEnumerable<(string Name, string Id)> Packed(string text) =>
        from line in text.Split('\n')
        where line.Length > 41 && line[0] is not ('#' or '^')
        let space = line.IndexOf(' ', StringComparison.Ordinal)
        where space > 0 && IsId(line[..space]) && IsName(line[(space + 1)..].TrimEnd('\r'))
        select (line[(space + 1)..].TrimEnd('\r'), line[..space]);

    /// <summary>Whether a text is the id of an object: 40 or 64 hexadecimal digits in lower case.</summary>
    public static bool IsId(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether a full name is one that git itself would accept (git-check-ref-format), below branches, remote branches or tags.</summary>
    public static bool IsName(string name) =>
        (name.StartsWith("refs/heads/", StringComparison.Ordinal) || name.StartsWith("refs/remotes/", StringComparison.Ordinal) || name.StartsWith("refs/tags/", StringComparison.Ordinal))
        && name.Split('/').Skip(2).All(s => s.Length > 0 && s[0] != '.' && s[0] != '-' && !s.EndsWith(".lock", StringComparison.Ordinal))
        && !name.EndsWith('.') && !name.Contains("..", StringComparison.Ordinal) && !name.Contains("@{", StringComparison.Ordinal)
        && !name.Any(c => c <= ' ' || c == 127 || "~^:?*[\\".Contains(c, StringComparison.Ordinal));

    private static void AddLoose(SortedDictionary<string, string> all, string common, string name)
    {
        var directory = new DirectoryInfo(Path.Combine(common, name));
        if (!directory.Exists || directory.LinkTarget is not null)
        {
            return;
        }

        foreach (var entry in directory.EnumerateFileSystemInfos())
        {
            var inner = $"{name}/{entry.Name}";
            if (all.Count > MostReferences)
            {
                throw new RepositoryException("repository_unsupported", $"The repository has more than {MostReferences} references.", "Pack or prune them.");
            }

            if (entry is DirectoryInfo)
            {
                AddLoose(all, common, inner);
            }
            else if (IsName(inner) && entry is FileInfo { LinkTarget: null, Length: < 4096 } file && Encoding.UTF8.GetString(BoundedFile.Read(file.FullName, 4096)).Trim() is var id && IsId(id))
            {
                all[inner] = id;
            }
        }
    }
}
