using System.Security.Cryptography;
using EdgeCoder.Coordinator.Audits;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Verdicts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Verification;

/// <summary>
/// Claims reported results and untried checks, runs them, concludes (coordinator-and-mesh 5.1, 5.2). A claim that is not renewed lapses and is taken by
/// another pool, so one that dies loses nothing; one that lost its claim concludes nothing.
/// </summary>
internal sealed partial class VerifierPool(
    ITaskQueue queue, ResultVerifier verifier, VerdictSigner signer, AuditWindows windows, VerificationOptions options, TimeProvider time, ILogger<VerifierPool> logger) : BackgroundService
{
    // Claims name this process, not only this coordinator: a pool that comes back must not take what its predecessor still holds for its own.
    private readonly string poolId = $"pool-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        verifier.RemoveLeftovers();
        var results = Enumerable.Range(0, options.Slots).Select(slot => SlotAsync($"{poolId}-{slot}", VerifyNextAsync, stoppingToken));
        var baselines = Enumerable.Range(0, (options.Slots + 1) / 2).Select(slot => SlotAsync($"{poolId}-b{slot}", TryNextBaselineAsync, stoppingToken));
        return Task.WhenAll([.. results, .. baselines]);
    }

    private async Task SlotAsync(string claimant, Func<string, CancellationToken, Task> next, CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await next(claimant, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogFailed(fault, claimant);
                if (!await PauseAsync(stoppingToken).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
    }

    /// <summary>1. claim; 2. run, renewing the claim; 3. draw the audit; 4. sign and conclude.</summary>
    private async Task VerifyNextAsync(string claimant, CancellationToken stoppingToken)
    {
        // 1.
        var job = await queue.ClaimVerificationAsync(claimant, stoppingToken).ConfigureAwait(false);
        var startedAtMs = NowMs();

        // 2.
        var finding = await WhileRenewedAsync(claimant, job.Lease.LeaseId, token => FindAsync(job, token), stoppingToken).ConfigureAwait(false);
        if (finding is null)
        {
            LogLost(job.Lease.LeaseId);
            return;
        }

        // 3.
        var drawing = finding.Kind == VerdictKind.Accepted && job.Purpose != LeasePurpose.Audit && job.WorkerAccountId != job.RequesterAccountId
            ? windows.Draw(job.Lease.AuditWindowId, job.Lease.LeaseId, Protocol.Results.ResultDigest.Of(job.Report), job.Lease.Cv)
            : default;

        // 4.
        var (verdict, signed) = signer.Sign(job, finding, startedAtMs, NowMs());
        var took = await queue.ConcludeAsync(claimant, new ConcludedVerification(verdict, signed, drawing.Drawn, drawing.Auditor, finding.Incident), stoppingToken).ConfigureAwait(false);
        LogConcluded(job.Lease.LeaseId, verdict.Kind, verdict.ReasonCode, verdict.EndedAtMs - verdict.StartedAtMs, took);
        if (finding.Reason == VerdictReasons.VerifierUnavailable)
        {
            // The same machine would say the same at once: another verifier gets the time to be first.
            await PauseAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task TryNextBaselineAsync(string claimant, CancellationToken stoppingToken)
    {
        var job = await queue.ClaimBaselineAsync(claimant, stoppingToken).ConfigureAwait(false);
        var found = await verifier.TryBaselineAsync(job, stoppingToken).ConfigureAwait(false);
        if (found is null)
        {
            // Nothing is decided without a sandbox: the claim lapses, and the task waits.
            LogNoSandbox(job.SubtaskId);
            await PauseAsync(stoppingToken).ConfigureAwait(false);
            return;
        }

        await queue.ConcludeBaselineAsync(claimant, job, found.Failure, found.TestsSeen, stoppingToken).ConfigureAwait(false);
        LogBaseline(job.SubtaskId, found.Failure ?? "ok", found.TestsSeen);
    }

    // A fault of this program or its disk is never the worker's.
    private async Task<CheckFinding?> FindAsync(VerificationJob job, CancellationToken cancellationToken)
    {
        try
        {
            return await verifier.VerifyAsync(job, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFailed(fault, job.Lease.LeaseId);
            return new CheckFinding { Kind = VerdictKind.Inconclusive, Reason = VerdictReasons.VerifierUnavailable };
        }
    }

    /// <summary>Runs while the claim is renewed; null when it was lost.</summary>
    private async Task<CheckFinding?> WhileRenewedAsync(string claimant, string leaseId, Func<CancellationToken, Task<CheckFinding?>> run, CancellationToken stoppingToken)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        using var timer = new PeriodicTimer(options.Renewal, time);
        var running = run(lost.Token);
        try
        {
            while (true)
            {
                var tick = timer.WaitForNextTickAsync(lost.Token).AsTask();
                if (await Task.WhenAny(running, tick).ConfigureAwait(false) == running)
                {
                    return await running.ConfigureAwait(false);
                }

                await tick.ConfigureAwait(false);
                if (!await queue.RenewVerificationAsync(claimant, leaseId, stoppingToken).ConfigureAwait(false))
                {
                    return null;
                }
            }
        }
        finally
        {
            // Whatever ends this, nothing of the run is left behind.
            await lost.CancelAsync().ConfigureAwait(false);
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> PauseAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(options.BackOff, time, stoppingToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
