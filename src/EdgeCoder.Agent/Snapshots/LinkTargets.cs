using EdgeCoder.Agent.Roots;

namespace EdgeCoder.Agent.Snapshots;

/// <summary>
/// Where the links of a tree lead, followed through each other as a file system would: <c>a/..</c> is not the directory of <c>a</c> when <c>a</c> is a link.
/// Pure.
/// </summary>
internal static class LinkTargets
{
    private const int MostHops = 40;
    private const int LongestTarget = 1_024;

    /// <summary>Why a link is refused; null when it stays within the tree. What it names need not exist.</summary>
    /// <param name="path">The link.</param>
    /// <param name="target">Where it points.</param>
    /// <param name="links">Targets of all links of the tree, by their folded path.</param>
    public static string? WhyNot(string path, string target, IReadOnlyDictionary<string, string> links)
    {
        var at = new List<string>(path.Split('/')[..^1]);
        var pending = new Stack<string>();
        if (Push(target, pending) is { } fault)
        {
            return fault;
        }

        for (var hops = 0; pending.TryPop(out var segment);)
        {
            if (segment == "..")
            {
                if (at.Count == 0)
                {
                    return "it leads out of the tree";
                }

                at.RemoveAt(at.Count - 1);
                continue;
            }

            at.Add(segment);
            if (links.TryGetValue(SnapshotPath.Fold(string.Join('/', at)), out var next))
            {
                if (++hops > MostHops)
                {
                    return "it is part of a circle of links";
                }

                at.RemoveAt(at.Count - 1);
                if (Push(next, pending) is { } deeper)
                {
                    return deeper;
                }
            }
        }

        return null;
    }

    private static string? Push(string target, Stack<string> pending)
    {
        if (target.Length is 0 or > LongestTarget || target[0] == '/' || target.Contains('\\') || target.Any(letter => letter < ' ') || target is [_, ':', ..])
        {
            return "its target is not a relative path";
        }

        foreach (var segment in target.Split('/').Reverse().Where(segment => segment is not ("" or ".")))
        {
            if (ProtectedNames.IsGit(segment))
            {
                return "it leads into git's own directory";
            }

            pending.Push(segment);
        }

        return null;
    }
}
