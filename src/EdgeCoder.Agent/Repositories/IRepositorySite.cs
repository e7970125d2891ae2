using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Contexts;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Workspaces;

namespace EdgeCoder.Agent.Repositories;

/// <summary>Where a session works: its worktree, the tools that reach into it, and what can be looked up there. The other side is the machine.</summary>
internal interface IRepositorySite : IAsyncDisposable
{
    /// <summary>The worktree and its save points.</summary>
    IWorkspace Workspace { get; }

    /// <summary>The tools, but for those of the loop itself.</summary>
    IReadOnlyList<ITool> Tools { get; }

    /// <summary>What of the tools was left out and why, for a person.</summary>
    IReadOnlyList<string> Notices => [];

    /// <summary>The map of the repository for a request, within <paramref name="tokens"/>, and the files in it; empty when there is nothing to show.</summary>
    Task<(string Text, IReadOnlyList<string> Paths)> MapAsync(string request, int tokens, CancellationToken cancellationToken);

    /// <summary>An <c>AGENTS.md</c> of the worktree; null when it is not there or may not be read.</summary>
    string? ReadRules(string path, int mostBytes);

    /// <summary>Policy proves itself: each canary must fail. Gives what a canary reached that succeeded; null when policy holds (agent-executor-models 2.5).</summary>
    Task<string?> ProveAsync(CancellationToken cancellationToken);
}

/// <summary>What a site is made for.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Task">Its task.</param>
/// <param name="Policy">Policy of the project at the start.</param>
/// <param name="Model">The model, whose tokenizer counts; null when only a review is wanted.</param>
/// <param name="Resumes">Whether the session exists already.</param>
internal sealed record SiteOrder(string SessionId, RepositoryTask Task, Policy Policy, AgentModel? Model, bool Resumes);

/// <summary>Makes sites.</summary>
internal interface IRepositorySites
{
    /// <summary>The real path of the project that <paramref name="root"/> names. Throws <see cref="RepositoryException"/>: not a directory, too wide, not trusted.</summary>
    string Resolve(string root);

    /// <summary>Opens or makes the worktree. Throws <see cref="RepositoryException"/>.</summary>
    Task<IRepositorySite> OpenAsync(SiteOrder order, CancellationToken cancellationToken);

    /// <summary>Removes what a session kept besides its journal.</summary>
    Task DeleteAsync(string sessionId, RepositoryTask task, CancellationToken cancellationToken);
}
