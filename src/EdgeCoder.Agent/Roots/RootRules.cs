namespace EdgeCoder.Agent.Roots;

/// <summary>Which directories can be the root of a person's project (agent-executor-models 2.1). Pure but for knowing the homes.</summary>
internal static class RootRules
{
    private static readonly string[] HomeFolders = ["/home", "/Users"];

    /// <summary>Why a directory is refused; null when it can be a root.</summary>
    /// <param name="root">Its real path.</param>
    /// <param name="homes">Real paths of home directories that are known.</param>
    /// <param name="dataDirectory">Real path of EdgeCoder's data directory.</param>
    /// <param name="comparison">How paths compare.</param>
    public static string? WhyNot(string root, IReadOnlyList<string> homes, string dataDirectory, StringComparison comparison)
    {
        bool Holds(string outer, string inner) => ProjectPathText.Within(inner.Replace('\\', '/'), [outer], comparison) is not null;

        return string.Equals(Path.TrimEndingDirectorySeparator(root), Path.TrimEndingDirectorySeparator(Path.GetPathRoot(root) ?? "/"), comparison) ? "it is the root of a file system"
            : homes.Any(home => Holds(root, home)) ? "it is a home directory, or holds one"
            : HomeFolders.Contains(Path.GetDirectoryName(root)) || HomeFolders.Contains(root) ? "it is a home directory, or holds one"
            : Holds(dataDirectory, root) || Holds(root, dataDirectory) ? "EdgeCoder keeps its own data there"
            : null;
    }

    /// <summary>Home directories of this account.</summary>
    public static IReadOnlyList<string> Homes() =>
        [.. new[] { Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), Environment.GetEnvironmentVariable("HOME") }
            .OfType<string>().Where(home => Path.IsPathRooted(home) && home.Length > 1).Select(RealPath.Of).Distinct()];
}
