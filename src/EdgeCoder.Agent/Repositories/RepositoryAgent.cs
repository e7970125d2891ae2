using System.Security.Cryptography;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Redaction;
using EdgeCoder.Agent.Sessions;

namespace EdgeCoder.Agent.Repositories;

/// <summary>Turns requests into changes of a repository, in a worktree of its own, with the project's tests as the judge.</summary>
public sealed class RepositoryAgent : IRepositoryAgent
{
    /// <summary>Smallest window, in tokens, that repository work is done in (agent-executor-models 1.4).</summary>
    public const int LeastWindow = 8_192;

    private readonly RepositoryParts _parts;
    private readonly IRepositorySites _sites;

    /// <summary>Puts it together; nothing is opened before the first session.</summary>
    public RepositoryAgent(RepositoryParts parts)
        : this(parts, new LocalSites(parts))
    {
    }

    /// <summary>For tests: on other sites.</summary>
    internal RepositoryAgent(RepositoryParts parts, IRepositorySites sites) => (_parts, _sites) = (parts, sites);

    /// <inheritdoc/>
    public string Resolve(string root) => _sites.Resolve(root);

    /// <inheritdoc/>
    public async Task<IRepositorySession> BeginAsync(RepositoryTask task, AgentModel model, IApprover approver, CancellationToken cancellationToken)
    {
        // 1. What can be told without looking.
        CheckWindow(model);
        CheckTask(task);
        model = ExplainedCounts.Of(model);

        // 2. The root: an existing directory that a person has trusted.
        var root = _sites.Resolve(task.Root);

        // 3. Policy: one entry that cannot be read stops the start.
        var begun = task with { Root = root };
        var policy = Store(root).Load([], task.Protected);
        CheckClass(policy.DataClass(task.DataClass), model);

        // 4. The sandbox proves itself, while the worktree is made.
        var proof = ProveSandboxAsync(cancellationToken);
        var begin = new BeginRecord
        {
            SessionId = task.SessionId ?? Guid.NewGuid().ToString("D"),
            AtMs = _parts.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            Repository = begun,
            Model = model.Identity,
            Seed = task.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue),
        };
        var journal = _parts.Sessions.Create(begin);
        try
        {
            await proof.ConfigureAwait(false);
            return await OpenAsync(journal, policy, model, approver, resumes: false, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            journal.Dispose();
            _parts.Sessions.Delete(begin.SessionId);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<IRepositorySession> ResumeAsync(string sessionId, AgentModel model, IApprover approver, CancellationToken cancellationToken)
    {
        CheckWindow(model);
        return await ReopenAsync(sessionId, ExplainedCounts.Of(model), approver, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReviewedSession> OpenAsync(string sessionId, IApprover approver, CancellationToken cancellationToken) =>
        await ReopenAsync(sessionId, null, approver, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task DeleteAsync(string sessionId, CancellationToken cancellationToken)
    {
        RepositoryTask? task;
        using (var journal = _parts.Sessions.Open(sessionId))
        {
            task = journal.Begin.Repository;
            if (task is not null)
            {
                await _sites.DeleteAsync(sessionId, task, cancellationToken).ConfigureAwait(false);
            }
        }

        _parts.Sessions.Delete(sessionId);
    }

    private async Task<RepositorySession> ReopenAsync(string sessionId, AgentModel? model, IApprover approver, CancellationToken cancellationToken)
    {
        var journal = _parts.Sessions.Open(sessionId);
        try
        {
            var task = journal.Begin.Repository
                ?? throw new SessionStoreException("session_kind", $"Session {sessionId} is not one of a repository.", $"Go on with it: `edgecoder run --resume {sessionId}`.");
            var root = _sites.Resolve(task.Root);
            if (root != task.Root)
            {
                throw new RepositoryException("root_changed", $"{task.Root} is now {root}: another directory than the session began in.", "Start a new session there.");
            }

            var policy = Store(root).Load([], task.Protected);
            if (model is not null)
            {
                CheckModel(journal.Begin, model);
                CheckClass(policy.DataClass(task.DataClass), model);
                await ProveSandboxAsync(cancellationToken).ConfigureAwait(false);
            }

            return await OpenAsync(journal, policy, model, approver, resumes: true, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    private async Task<RepositorySession> OpenAsync(SessionJournal journal, Policy policy, AgentModel? model, IApprover approver, bool resumes, CancellationToken cancellationToken)
    {
        var task = journal.Begin.Repository!;
        var site = await _sites.OpenAsync(new SiteOrder(journal.Begin.SessionId, task, policy, model, resumes), cancellationToken).ConfigureAwait(false);
        try
        {
            if (await site.ProveAsync(cancellationToken).ConfigureAwait(false) is { } reached)
            {
                throw new RepositoryException("policy_not_proven", $"The rules of this session do not hold: {reached}. Nothing was started.", "Report this; do not work around it.");
            }

            var redactor = new Redactor([]);
            var session = new RepositorySession(
                journal, site, model, new ApprovalDesk(Store(task.Root), approver, journal, _parts.Time, task.Protected), text => redactor.Redact(text).Text, _parts.Time);
            await session.RecoverAsync(cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await site.DisposeAsync().ConfigureAwait(false);
            if (!resumes)
            {
                await _sites.DeleteAsync(journal.Begin.SessionId, task, CancellationToken.None).ConfigureAwait(false);
            }

            throw;
        }
    }

    private PolicyStore Store(string root) => new(_parts.ManagedPolicy, _parts.ConfigDirectory, _parts.DataDirectory, root);

    private async Task ProveSandboxAsync(CancellationToken cancellationToken)
    {
        if (await _parts.Sandbox.PrepareAsync(cancellationToken).ConfigureAwait(false) is { } refusal)
        {
            throw new RepositoryException("sandbox_unavailable", refusal.Message, refusal.Remedy ?? "Run `edgecoder doctor`.");
        }
    }

    private static void CheckWindow(AgentModel model)
    {
        if (model.Window < LeastWindow)
        {
            throw new RepositoryException(
                "window_too_small",
                $"Repository work needs a window of {LeastWindow:N0} tokens; {model.Identity.Id} has a proven window of {model.Window:N0}.",
                "Use a model with a larger window (`edgecoder models list`); snippets work with this one.");
        }
    }

    private static void CheckTask(RepositoryTask task)
    {
        var problem = task switch
        {
            { MaxSteps: < 1 or > 1_000 } => "The number of steps must be 1 to 1,000.",
            { MaxTokens: <= 0 } => "The limit of tokens must be larger than 0.",
            { MaxTime: { } time } when time <= TimeSpan.Zero => "The limit of time must be larger than 0.",
            { TestCommand: { } command } when command.Count == 0 || command.Any(string.IsNullOrEmpty) => "The test command is empty.",
            _ when !DataClasses.IsKnown(task.DataClass) => $"The data class {task.DataClass} is not known. Known are local, team and mesh.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new RepositoryException("invalid_task", problem);
        }
    }

    private static void CheckClass(string dataClass, AgentModel model)
    {
        if (!DataClasses.MayLeave(dataClass) && !model.OnThisMachine)
        {
            throw new RepositoryException(
                "data_class_denied",
                $"The work is of class local and may not leave this machine, but {model.Identity.Id} ({model.Identity.Provider}) runs elsewhere.",
                "Choose a model on this machine.");
        }
    }

    private static void CheckModel(BeginRecord begin, AgentModel model)
    {
        if (model.Identity.Id != begin.Model.Id || model.Identity.Digest != begin.Model.Digest)
        {
            throw new SessionStoreException(
                "model_changed",
                $"Session {begin.SessionId} was begun with {begin.Model.Id} ({begin.Model.Digest}); the model now is {model.Identity.Id} ({model.Identity.Digest}).",
                $"Choose that model again (--model {begin.Model.Id}), or start a new session.");
        }
    }
}
