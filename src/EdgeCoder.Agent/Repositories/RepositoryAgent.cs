using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Calls;

namespace EdgeCoder.Agent.Repositories;

/// <summary>Turns requests into changes of a repository, in a worktree of its own, with the project's tests as the judge.</summary>
/// <param name="parts">What it is put together from.</param>
public sealed class RepositoryAgent(RepositoryParts parts) : IRepositoryAgent
{
    /// <summary>Smallest window, in tokens, that repository work is done in (agent-executor-models 1.4).</summary>
    public const int LeastWindow = 8_192;

    /// <inheritdoc/>
    public Task<IRepositorySession> BeginAsync(RepositoryTask task, AgentModel model, IApprover approver, CancellationToken cancellationToken)
    {
        CheckWindow(model);
        throw new RepositoryException("not_available", $"Sessions in {task.Root} cannot be begun yet ({parts.DataDirectory}).");
    }

    /// <inheritdoc/>
    public Task<IRepositorySession> ResumeAsync(string sessionId, AgentModel model, IApprover approver, CancellationToken cancellationToken)
    {
        CheckWindow(model);
        throw new RepositoryException("not_available", $"Session {sessionId} cannot be resumed yet.");
    }

    /// <inheritdoc/>
    public Task<IReviewedSession> OpenAsync(string sessionId, IApprover approver, CancellationToken cancellationToken) =>
        throw new RepositoryException("not_available", $"Session {sessionId} cannot be reviewed yet.");

    /// <inheritdoc/>
    public Task DeleteAsync(string sessionId, CancellationToken cancellationToken) =>
        throw new RepositoryException("not_available", $"Session {sessionId} cannot be deleted yet.");

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
}
