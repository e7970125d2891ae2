using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary>The tools on history and worktree, of one session (agent-executor-models 2.3).</summary>
internal static class GitTools
{
    /// <summary>Makes them.</summary>
    /// <param name="view">The worktree.</param>
    /// <param name="remotes">Address of each remote, by name.</param>
    /// <param name="author">Who commits, now.</param>
    public static IReadOnlyList<ITool> Create(GitView view, IReadOnlyDictionary<string, string> remotes, Func<GitIdentity> author) =>
    [
        new GitStatusTool(view),
        new GitDiffTool(view),
        new GitLogTool(view),
        new GitShowTool(view),
        new GitBlameTool(view),
        new GitBranchesTool(view),
        new GitCommitTool(view, author),
        new GitBranchTool(view),
        new GitFetchTool(view, remotes),
        new GitPushTool(view, remotes),
    ];
}
