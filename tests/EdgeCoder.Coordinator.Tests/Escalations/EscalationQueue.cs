using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Tests.Escalations;

/// <summary>
/// The part of the task queue that escalations call, over the same rows and with the same conditions as the real one: a candidate is taken only while its
/// subtask is rejected. Verdicts are the test's.
/// </summary>
internal sealed class EscalationQueue(IStoreWriter writer) : ITaskQueue
{
    public List<(string SubtaskId, string Output, string Source)> Offers { get; } = [];

    public List<(string SubtaskId, string? Context)> Resumed { get; } = [];

    public List<(string TaskId, string Reason)> Failed { get; } = [];

    /// <summary>Thrown once after the next effect, as if the process had died before it could note it.</summary>
    public Exception? DiesAfterEffect { get; set; }

    public async Task OfferCandidateAsync(string subtaskId, string output, string source, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            batch =>
            {
                if (batch.Execute("UPDATE subtasks SET state = 'reported' WHERE subtask_id = $1 AND state = 'rejected'", subtaskId) == 0)
                {
                    throw new Refusal(409, "subtask_not_escalated", "That subtask is not escalated.");
                }

                batch.Execute("UPDATE tasks SET state = 'running' WHERE task_id = $1 AND state = 'escalated'", "task-" + subtaskId);
                batch.Insert(new ResultRow
                {
                    LeaseId = $"lease-{Guid.NewGuid():N}", SubtaskId = subtaskId, TaskId = "task-" + subtaskId, AgentId = source, State = ResultState.Reported, Ok = true, Output = output,
                    ResultDigest = "d", Report = [], LeaseMs = 0, ReportedAtMs = 1, ClaimUntilMs = 0, Inconclusive = 0,
                });
                return true;
            },
            cancellationToken);
        lock (Offers)
        {
            Offers.Add((subtaskId, output, source));
        }

        Die();
    }

    public async Task ResumeEscalatedAsync(string subtaskId, string? context, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            batch => batch.Execute("UPDATE subtasks SET state = 'queued' WHERE subtask_id = $1 AND state = 'rejected'", subtaskId) == 1 ? true : throw new Refusal(409, "subtask_not_escalated", "It is not."), cancellationToken);
        Resumed.Add((subtaskId, context));
        Die();
    }

    public async Task FailAsync(string taskId, string reason, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(batch => batch.Execute("UPDATE tasks SET state = 'failed', finished_at_ms = 1 WHERE task_id = $1", taskId), cancellationToken);
        Failed.Add((taskId, reason));
        Die();
    }

    /// <summary>What a verifier does with the candidate that is reported.</summary>
    public Task JudgeAsync(string subtaskId, bool accepted) => writer.WriteAsync(
        batch =>
        {
            var (lease, output) = batch.Query("SELECT lease_id, output FROM results WHERE subtask_id = $1 AND state = 'reported'", r => (r.Text(0), r.Text(1)), subtaskId).Single();
            batch.Execute("UPDATE results SET state = 'closed' WHERE lease_id = $1", lease);
            batch.Insert(new VerdictRow
            {
                VerdictId = Guid.NewGuid().ToString(), LeaseId = lease, SubtaskId = subtaskId, TaskId = "task-" + subtaskId, Purpose = LeasePurpose.Work,
                Kind = accepted ? VerdictKind.Accepted : VerdictKind.Rejected, ReasonCode = accepted ? "ok" : "check_failed", VerifierId = "coord-1", TestsRun = 3, TestsPassed = accepted ? 3 : 1,
                Signed = [], AtMs = 2,
            });
            batch.Execute("UPDATE subtasks SET state = $2 WHERE subtask_id = $1", subtaskId, accepted ? "accepted" : "rejected");
            if (!accepted)
            {
                EscalationRecords.Open(batch, "task-" + subtaskId, subtaskId, "candidate", "python", "write f", output, ["check_failed"], 4, 3);
            }

            return true;
        },
        TestContext.Current.CancellationToken);

    public Task<TaskAccepted> SubmitAsync(TaskSubmission submission, ReadOnlyMemory<byte> body, Caller caller, TimeSpan wait, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PullAnswer> PullAsync(AgentFacts agent, PullRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<(IReadOnlyList<LeaseStanding> Leases, int Requeued)> ExtendAsync(string agentId, IReadOnlyList<HeldLease> leases, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReleaseAsync(string agentId, string leaseId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ResultAnswer> ReportAsync(string agentId, ResultReport report, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task AgentChangedAsync(string agentId, bool revokeLeases, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task CancelAsync(string taskId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<VerificationJob> ClaimVerificationAsync(string verifierId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> RenewVerificationAsync(string verifierId, string leaseId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> ConcludeAsync(string verifierId, ConcludedVerification conclusion, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<BaselineJob> ClaimBaselineAsync(string verifierId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ConcludeBaselineAsync(string verifierId, BaselineJob job, string? failure, int testsSeen, CancellationToken cancellationToken) => throw new NotSupportedException();

    private void Die()
    {
        if (DiesAfterEffect is { } fault)
        {
            DiesAfterEffect = null;
            throw fault;
        }
    }
}
