using System.ComponentModel;
using System.Text;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Running;

/// <summary>One request in one sandbox, from its frame to the verdict.</summary>
internal static class SandboxedRun
{
    /// <summary>Runs it. Every fault is a result; only cancellation throws.</summary>
    /// <param name="sandbox">The back-end.</param>
    /// <param name="request">The request.</param>
    /// <param name="limits">Limits in force there.</param>
    /// <param name="frame">The request's frame.</param>
    /// <param name="canaryFrame">Makes the same frame with the order to try the canaries first.</param>
    /// <param name="key">Key of the report channel, as in the frame.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<RunResult> RunAsync(ISandbox sandbox, RunRequest request, LimitPlan limits, byte[] frame, Func<byte[]>? canaryFrame, string key, CancellationToken cancellationToken)
    {
        var stdin = request.Stdin is null ? null : Encoding.UTF8.GetBytes(request.Stdin);
        SandboxOutcome outcome;
        try
        {
            var job = new SandboxJob { Limits = limits, Frame = frame, CanaryFrame = canaryFrame, Key = key, Stdin = stdin };
            outcome = await sandbox.RunAsync(job, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFaultOfTheMachine(exception))
        {
            return RunVerdict.Refused(request.Language, limits.ToRunLimits(), QueueReason.SandboxUnavailable, $"sandbox_unavailable: the sandbox could not be started: {exception.Message}");
        }

        cancellationToken.ThrowIfCancellationRequested();
        return RunVerdict.Judge(request.Language, limits, request.Tests.Count > 0, request.Files[0].Name, sandbox.Identity, outcome);
    }

    /// <summary>No descriptors left, no memory for a process, no temporary directory: said to the caller, never thrown at it.</summary>
    public static bool IsFaultOfTheMachine(Exception exception) => exception is IOException or UnauthorizedAccessException or Win32Exception;
}
