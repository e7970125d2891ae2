using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Repositories;

/// <summary>Begins and resumes sessions of repository work. Tests of the surfaces put a scripted one here.</summary>
public interface IRepositoryAgent
{
    /// <summary>The real path of the project that <paramref name="root"/> names. Throws <see cref="RepositoryException"/>: <c>root_refused</c> for what cannot be a project, <c>root_not_trusted</c>.</summary>
    string Resolve(string root);

    /// <summary>
    /// Begins a session: root, trust, worktree, policy canaries. Throws <see cref="RepositoryException"/> when it cannot: not a directory, not trusted,
    /// bare repository, window of the model too small, no sandbox.
    /// </summary>
    Task<IRepositorySession> BeginAsync(RepositoryTask task, AgentModel model, IApprover approver, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a session to go on with it: root, policy, model and class are checked again. An open prompt goes on at its first open step with
    /// <see cref="IRepositorySession.ContinueAsync"/>. Throws <see cref="RepositoryException"/> or <see cref="Sessions.SessionStoreException"/>.
    /// </summary>
    Task<IRepositorySession> ResumeAsync(string sessionId, AgentModel model, IApprover approver, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a session for its review alone: no model and no prompts, so <c>edgecoder undo</c> works when the model is gone. Root and trust are checked again.
    /// Throws <see cref="RepositoryException"/> or <see cref="Sessions.SessionStoreException"/>.
    /// </summary>
    Task<IReviewedSession> OpenAsync(string sessionId, IApprover approver, CancellationToken cancellationToken);

    /// <summary>Deletes a session with its worktree and branch. What was applied stays in the person's tree. Throws <see cref="Sessions.SessionStoreException"/>.</summary>
    Task DeleteAsync(string sessionId, CancellationToken cancellationToken);
}

/// <summary>A session as a review needs it.</summary>
public interface IReviewedSession : IAsyncDisposable
{
    /// <summary>Its id, a UUID.</summary>
    string Id { get; }

    /// <summary>The person's project, as a real path.</summary>
    string Root { get; }

    /// <summary>What was stored before this process opened the session.</summary>
    IReadOnlyList<SessionEvent> StoredEvents { get; }

    /// <summary>The review of the whole change of the session so far.</summary>
    IReview Review { get; }
}

/// <summary>One session: prompts in order, one worktree, one journal.</summary>
public interface IRepositorySession : IReviewedSession
{
    /// <summary>What a person should know of how it was opened: MCP servers that are not used, and why.</summary>
    IReadOnlyList<string> Notices => [];

    /// <summary>Whether a prompt was cut off and can be continued.</summary>
    bool HasOpenPrompt { get; }

    /// <summary>What is allowed without asking; a change holds from the next tool call on. Managed policy may narrow it.</summary>
    ApprovalMode Mode { get; set; }

    /// <summary>
    /// Works on a prompt. Events are numbered on from the last; the last one is <see cref="DoneEvent"/>. Faults of the model, the sandbox and the disk are
    /// outcomes, and so is a cancellation: it ends within 2 s, with the worktree at a save point. One prompt at a time.
    /// </summary>
    IAsyncEnumerable<SessionEvent> PromptAsync(string text, CancellationToken cancellationToken);

    /// <summary>Goes on with the prompt that was cut off.</summary>
    IAsyncEnumerable<SessionEvent> ContinueAsync(CancellationToken cancellationToken);
}

/// <summary>
/// The person's word on a change: apply, reject or edit, per file and per hunk, and undo and redo at any time. It works on a session that is at work no more,
/// also from another process (<c>edgecoder undo</c>).
/// </summary>
public interface IReview
{
    /// <summary>Save points of the session, the oldest first.</summary>
    IReadOnlyList<SavePoint> SavePoints { get; }

    /// <summary>The change from the base to the last save point that is not undone.</summary>
    Task<IReadOnlyList<FileChange>> ChangesAsync(CancellationToken cancellationToken);

    /// <summary>The same as a unified diff.</summary>
    Task<string> PatchAsync(CancellationToken cancellationToken);

    /// <summary>A file of the change, whole, before and after: what an editor shows side by side and what an edited hunk is applied to. Throws <see cref="RepositoryException"/> for a denied file.</summary>
    Task<FileVersions> VersionsAsync(FileChange change, CancellationToken cancellationToken);

    /// <summary>Keeps a part of the change: the worktree then holds just that, as a new save point. Edited text must be tested again before it counts.</summary>
    Task SelectAsync(IReadOnlyList<ReviewedFile> kept, CancellationToken cancellationToken);

    /// <summary>Runs the project's tests on the worktree as it is; null when there is no test command.</summary>
    Task<Protocol.Runs.TestReport?> TestAsync(CancellationToken cancellationToken);

    /// <summary>Merges the change into the person's tree; see <see cref="IWorkspace.ApplyAsync"/>.</summary>
    Task<ApplyOutcome> ApplyAsync(CancellationToken cancellationToken);

    /// <summary>Takes back what was applied last; where nothing is applied, puts the worktree one save point back.</summary>
    Task<ApplyOutcome> UndoAsync(CancellationToken cancellationToken);

    /// <summary>Undoes the undo.</summary>
    Task<ApplyOutcome> RedoAsync(CancellationToken cancellationToken);
}
