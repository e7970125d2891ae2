using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>
/// Every change of tasks, subtasks, leases and their reservations goes through here, on any silo. Rows are the truth; each change is one conditional
/// update in the transaction that writes its events and log entries. Refusals are <see cref="Hosting.Problems.Refusal"/>.
/// </summary>
internal interface ITaskQueue
{
    /// <summary>Stores a task, or gives the stored answer for the same id, account and body.</summary>
    Task<TaskAccepted> SubmitAsync(TaskSubmission submission, ReadOnlyMemory<byte> body, Caller caller, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>Leases work to an agent, waiting for it up to <see cref="PullRequest.WaitMs"/>; a newer pull of the agent ends the older.</summary>
    Task<PullAnswer> PullAsync(AgentFacts agent, PullRequest request, CancellationToken cancellationToken);

    /// <summary>Extends the listed leases of an agent, releases undelivered ones, gives their standing and how many expired since the last call.</summary>
    Task<(IReadOnlyList<LeaseStanding> Leases, int Requeued)> ExtendAsync(string agentId, IReadOnlyList<HeldLease> leases, CancellationToken cancellationToken);

    /// <summary>Gives a lease back; no attempt is spent.</summary>
    Task ReleaseAsync(string agentId, string leaseId, string reason, CancellationToken cancellationToken);

    /// <summary>Takes a result: everything of coordinator-and-mesh 4.5 after the request's own signature.</summary>
    Task<ResultAnswer> ReportAsync(string agentId, ResultReport report, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>An agent's state, power or policy changed: its parked pull answers, and withdrawn approval revokes its leases.</summary>
    Task AgentChangedAsync(string agentId, bool revokeLeases, string reason, CancellationToken cancellationToken);

    /// <summary>Cancels a task.</summary>
    Task CancelAsync(string taskId, string reason, CancellationToken cancellationToken);

    /// <summary>Fails a task that has not ended, with a reason; its leases are revoked and its reservation voided.</summary>
    Task FailAsync(string taskId, string reason, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the oldest reported result (or overdue claim) for re-running: reported → verifying, with a claim that lapses unless it is renewed.
    /// Waits until there is one.
    /// </summary>
    Task<VerificationJob> ClaimVerificationAsync(string verifierId, CancellationToken cancellationToken);

    /// <summary>Keeps a claim alive; false when it was lost.</summary>
    Task<bool> RenewVerificationAsync(string verifierId, string leaseId, CancellationToken cancellationToken);

    /// <summary>Ends a claim with its verdict: state, credits, standing, audit, dependents, task, all in one transaction. False when the claim was lost.</summary>
    Task<bool> ConcludeAsync(string verifierId, ConcludedVerification conclusion, CancellationToken cancellationToken);

    /// <summary>
    /// A subtask whose check must be tried on the untouched snapshot before its first lease (coordinator-and-mesh 5.1). Waits until there is one.
    /// </summary>
    Task<BaselineJob> ClaimBaselineAsync(string verifierId, CancellationToken cancellationToken);

    /// <summary>Ends a baseline: null lets the subtask be leased, else the task fails with <c>acceptance_check_already_passes</c>, <c>acceptance_check_flaky</c>, <c>snapshot_unavailable</c>, ….</summary>
    Task ConcludeBaselineAsync(string verifierId, BaselineJob job, string? failure, int testsSeen, CancellationToken cancellationToken);

    /// <summary>Puts an escalated subtask to work again with more context, or takes a candidate that verification has accepted (agent-executor-models 7).</summary>
    Task ResumeEscalatedAsync(string subtaskId, string? context, CancellationToken cancellationToken);

    /// <summary>A candidate of the waterfall or of a person enters verification like any result; its verifier decides.</summary>
    Task OfferCandidateAsync(string subtaskId, string output, string source, CancellationToken cancellationToken);
}
