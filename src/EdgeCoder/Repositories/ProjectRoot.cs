using EdgeCoder.Commands;

namespace EdgeCoder.Repositories;

/// <summary>Finds the project that a command is meant for.</summary>
internal static class ProjectRoot
{
    /// <summary>The top of the git work tree that holds a directory; null when there is none. A submodule or worktree has a file <c>.git</c>, and is one too.</summary>
    public static string? Of(string directory)
    {
        for (var at = new DirectoryInfo(directory); at is not null; at = at.Parent)
        {
            var git = Path.Combine(at.FullName, ".git");
            if (Directory.Exists(git) || File.Exists(git))
            {
                return at.FullName;
            }
        }

        return null;
    }

    /// <summary>The named directory, or the project around the current one, or that itself. Throws <see cref="UsageException"/> for one that is not there.</summary>
    public static string Choose(string? named, string current)
    {
        var root = named is null ? Of(current) ?? current : Path.GetFullPath(named, current);
        return Directory.Exists(root) ? Path.TrimEndingDirectorySeparator(root) : throw new UsageException("root_not_found", $"{root} is not a directory.");
    }

    /// <summary>Its real path, links followed, to compare with the roots of sessions.</summary>
    public static string Real(string root)
    {
        var path = Path.GetPathRoot(root) ?? "/";
        foreach (var segment in root[path.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            path = Path.Combine(path, segment);
            if (new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true) is { } target)
            {
                // The target may itself lie below links.
                path = Real(target.FullName);
            }
        }

        return path;
    }

    /// <summary>Whether two real paths name the same directory here.</summary>
    public static bool Same(string one, string other) =>
        string.Equals(one, other, OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
