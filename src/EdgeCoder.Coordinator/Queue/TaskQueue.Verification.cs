using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Queue;

internal sealed partial class TaskQueue
{
    /// <inheritdoc/>
    public Task<VerificationJob> ClaimVerificationAsync(string verifierId, CancellationToken cancellationToken) =>
        WaitForAsync(signals.Results, (batch, changes) => VerificationClaims.Claim(batch, verifierId, options, changes, NowMs), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> RenewVerificationAsync(string verifierId, string leaseId, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        return writer.WriteAsync(batch => VerificationClaims.Renew(batch, verifierId, leaseId, options, nowMs), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> ConcludeAsync(string verifierId, ConcludedVerification conclusion, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        return ChangeAsync((batch, made) => verdicts.Conclude(batch, verifierId, conclusion, made, nowMs), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<BaselineJob> ClaimBaselineAsync(string verifierId, CancellationToken cancellationToken) =>
        WaitForAsync(signals.Baselines, (batch, _) => VerificationClaims.ClaimBaseline(batch, options, NowMs), cancellationToken);

    /// <inheritdoc/>
    public Task ConcludeBaselineAsync(string verifierId, BaselineJob job, string? failure, int testsSeen, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        return ChangeAsync(
            (batch, made) =>
            {
                if (failure is not null)
                {
                    return TaskEnds.Finish(batch, job.TaskId, "failed", failure, made, nowMs);
                }

                VerificationClaims.PassBaseline(batch, job, testsSeen, made, nowMs);
                return true;
            },
            cancellationToken);
    }

    private async Task<T> WaitForAsync<T>(Pulse pulse, Func<IStoreBatch, QueueChanges, T?> claim, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            var next = pulse.Next;
            if (await ChangeAsync(claim, cancellationToken) is { } job)
            {
                return job;
            }

            await Pulse.WaitAsync(next, QueueSignals.LookAgain, time, cancellationToken);
        }
    }
}
