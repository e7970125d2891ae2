namespace EdgeCoder.Agent.Git;

/// <summary>Paths with every link resolved.</summary>
internal static class RealPath
{
    /// <summary>The real path of a file or directory; parts that do not exist stay as they are.</summary>
    public static string Of(string path)
    {
        var full = Path.GetFullPath(path);
        var root = Path.GetPathRoot(full)!;
        var real = root;
        foreach (var segment in full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, segment);
            real = Target(next) ?? next;
        }

        return real;
    }

    private static string? Target(string path)
    {
        var target = new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)?.FullName : null;
        return target is null ? null : Of(target);
    }
}
