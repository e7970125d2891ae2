using System.Collections.Concurrent;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tests.Agents;

/// <summary>A queue without tasks: it keeps what agents' life tells it, and answers heartbeats with the leases it was given.</summary>
internal sealed class RecordingQueue : ITaskQueue
{
    public ConcurrentQueue<(string AgentId, bool Revoke, string Reason)> Changes { get; } = new();

    public ConcurrentQueue<(string AgentId, IReadOnlyList<HeldLease> Leases)> Extended { get; } = new();

    public Dictionary<string, LeaseStanding> Leases { get; } = new(StringComparer.Ordinal);

    public int Requeued { get; set; }

    public Task<(IReadOnlyList<LeaseStanding> Leases, int Requeued)> ExtendAsync(string agentId, IReadOnlyList<HeldLease> leases, CancellationToken cancellationToken)
    {
        Extended.Enqueue((agentId, leases));
        IReadOnlyList<LeaseStanding> standings = [.. leases.Select(l => Leases.TryGetValue(l.LeaseId!, out var standing) ? standing : new(l.LeaseId!, 0, "unknown"))];
        return Task.FromResult((standings, Requeued));
    }

    public Task AgentChangedAsync(string agentId, bool revokeLeases, string reason, CancellationToken cancellationToken)
    {
        Changes.Enqueue((agentId, revokeLeases, reason));
        return Task.CompletedTask;
    }

    public Task<TaskAccepted> SubmitAsync(TaskSubmission submission, ReadOnlyMemory<byte> body, Caller caller, TimeSpan wait, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PullAnswer> PullAsync(AgentFacts agent, PullRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReleaseAsync(string agentId, string leaseId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ResultAnswer> ReportAsync(string agentId, ResultReport report, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task CancelAsync(string taskId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task FailAsync(string taskId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<VerificationJob> ClaimVerificationAsync(string verifierId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> RenewVerificationAsync(string verifierId, string leaseId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> ConcludeAsync(string verifierId, ConcludedVerification conclusion, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<BaselineJob> ClaimBaselineAsync(string verifierId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ConcludeBaselineAsync(string verifierId, BaselineJob job, string? failure, int testsSeen, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ResumeEscalatedAsync(string subtaskId, string? context, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task OfferCandidateAsync(string subtaskId, string output, string source, CancellationToken cancellationToken) => throw new NotSupportedException();
}
