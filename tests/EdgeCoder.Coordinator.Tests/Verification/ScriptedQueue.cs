using System.Collections.Concurrent;
using System.Threading.Channels;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tests.Verification;

/// <summary>The queue's side of verification: claims by name, which the test can take away; everything else is not asked for.</summary>
internal sealed class ScriptedQueue : ITaskQueue
{
    private readonly Channel<VerificationJob> jobs = Channel.CreateUnbounded<VerificationJob>();
    private readonly Channel<BaselineJob> baselines = Channel.CreateUnbounded<BaselineJob>();
    private readonly ConcurrentDictionary<string, string> claims = new();

    public Channel<ConcludedVerification> Concluded { get; } = Channel.CreateUnbounded<ConcludedVerification>();

    public Channel<(string? Failure, int Tests)> Baselines { get; } = Channel.CreateUnbounded<(string?, int)>();

    public Channel<string> Renewals { get; } = Channel.CreateUnbounded<string>();

    public int FailClaims { get; set; }

    public void Add(VerificationJob job) => jobs.Writer.TryWrite(job);

    public void Add(BaselineJob job) => baselines.Writer.TryWrite(job);

    /// <summary>The claim lapses, and another pool has it.</summary>
    public void Take(string leaseId) => claims[leaseId] = "another pool";

    public string? HolderOf(string leaseId) => claims.GetValueOrDefault(leaseId);

    public async Task<VerificationJob> ClaimVerificationAsync(string verifierId, CancellationToken cancellationToken)
    {
        if (FailClaims > 0)
        {
            FailClaims--;
            throw new InvalidOperationException("the store is away");
        }

        var job = await jobs.Reader.ReadAsync(cancellationToken);
        claims[job.Lease.LeaseId] = verifierId;
        return job;
    }

    public async Task<bool> RenewVerificationAsync(string verifierId, string leaseId, CancellationToken cancellationToken)
    {
        await Renewals.Writer.WriteAsync(leaseId, cancellationToken);
        return claims.GetValueOrDefault(leaseId) == verifierId;
    }

    public async Task<bool> ConcludeAsync(string verifierId, ConcludedVerification conclusion, CancellationToken cancellationToken)
    {
        if (claims.GetValueOrDefault(conclusion.Verdict.LeaseId) != verifierId)
        {
            return false;
        }

        await Concluded.Writer.WriteAsync(conclusion, cancellationToken);
        return true;
    }

    public async Task<BaselineJob> ClaimBaselineAsync(string verifierId, CancellationToken cancellationToken) => await baselines.Reader.ReadAsync(cancellationToken);

    public Task ConcludeBaselineAsync(string verifierId, BaselineJob job, string? failure, int testsSeen, CancellationToken cancellationToken) =>
        Baselines.Writer.WriteAsync((failure, testsSeen), cancellationToken).AsTask();

    public Task<TaskAccepted> SubmitAsync(TaskSubmission submission, ReadOnlyMemory<byte> body, Caller caller, TimeSpan wait, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PullAnswer> PullAsync(AgentFacts agent, PullRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<(IReadOnlyList<LeaseStanding> Leases, int Requeued)> ExtendAsync(string agentId, IReadOnlyList<HeldLease> leases, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReleaseAsync(string agentId, string leaseId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ResultAnswer> ReportAsync(string agentId, ResultReport report, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task AgentChangedAsync(string agentId, bool revokeLeases, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task CancelAsync(string taskId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task FailAsync(string taskId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ResumeEscalatedAsync(string subtaskId, string? context, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task OfferCandidateAsync(string subtaskId, string output, string source, CancellationToken cancellationToken) => throw new NotSupportedException();
}
