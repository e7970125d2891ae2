using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Protocol.Verdicts;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.LyingWorkers;

/// <summary>The planted bug: a verifier that takes the worker's own report for the outcome of the check.</summary>
internal static class BelievingVerifier
{
    /// <summary>Judges until it is stopped.</summary>
    public static Task RunAsync(IServiceProvider services, CancellationToken stop)
    {
        var (queue, signer) = (services.GetRequiredService<ITaskQueue>(), services.GetRequiredService<VerdictSigner>());
        return Task.WhenAll(ForeverAsync(JudgeAsync), ForeverAsync(TryAsync));

        async Task JudgeAsync()
        {
            var job = await queue.ClaimVerificationAsync("believer", stop);
            var finding = job.Report.TestReport is { Failed: 0, Run: > 0 and var run }
                ? new CheckFinding { Kind = VerdictKind.Accepted, Reason = VerdictReasons.Ok, TestsRun = run, TestsPassed = run }
                : new CheckFinding { Kind = VerdictKind.Rejected, Reason = VerdictReasons.CheckFailed };
            var (verdict, signed) = signer.Sign(job, finding, 0, 0);
            await queue.ConcludeAsync("believer", new(verdict, signed, AuditDrawn: false), stop);
        }

        async Task TryAsync() => await queue.ConcludeBaselineAsync("believer", await queue.ClaimBaselineAsync("believer", stop), null, 3, stop);

        async Task ForeverAsync(Func<Task> step)
        {
            try
            {
                while (true)
                {
                    await step();
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The test is over.
            }
        }
    }
}
