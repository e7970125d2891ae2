namespace EdgeCoder.Commands;

/// <summary>The two kinds of <c>run</c>.</summary>
internal enum RunKind
{
    /// <summary>A function and its tests, printed or written to one file.</summary>
    Snippet,

    /// <summary>A change of a project.</summary>
    Repository,
}

/// <summary>
/// Which kind a command line means. An option that only one kind has decides; without one, a git work tree around the current directory means its repository,
/// and anywhere else it is a snippet.
/// </summary>
internal static class RunKindChoice
{
    /// <summary>Decides. Throws <see cref="UsageException"/> when options of both kinds were given.</summary>
    /// <param name="snippetOption">An option that only snippets have; null when none was given.</param>
    /// <param name="repositoryOption">An option that only repository work has; null when none was given.</param>
    /// <param name="inWorkTree">Whether the current directory is in a git work tree.</param>
    public static RunKind Decide(string? snippetOption, string? repositoryOption, bool inWorkTree) => (snippetOption, repositoryOption) switch
    {
        ({ } snippet, { } repository) => throw new UsageException(
            "mixed_options", $"{snippet} is for a snippet and {repository} for a repository.", "Use one of them: --snippet and its options, or --repo and its options."),
        ({ }, null) => RunKind.Snippet,
        (null, { }) => RunKind.Repository,
        _ => inWorkTree ? RunKind.Repository : RunKind.Snippet,
    };
}
