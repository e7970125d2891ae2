using EdgeCoder.Protocol.Verdicts;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Verification;

internal sealed partial class VerifierPool
{
    [LoggerMessage(LogLevel.Information, "The result of lease {LeaseId} is {Verdict} ({Reason}) after {DurationMs} ms; it took effect: {TookEffect}.")]
    private partial void LogConcluded(string leaseId, VerdictKind verdict, string reason, long durationMs, bool tookEffect);

    [LoggerMessage(LogLevel.Information, "The check of subtask {SubtaskId} was tried on untouched input: {Outcome}, {Tests} tests.")]
    private partial void LogBaseline(string subtaskId, string outcome, int tests);

    [LoggerMessage(LogLevel.Warning, "The claim on the result of lease {LeaseId} was lost; another verifier has it.")]
    private partial void LogLost(string leaseId);

    [LoggerMessage(LogLevel.Error, "The check of subtask {SubtaskId} cannot be tried: this machine has no sandbox for it. Run 'edgecoder doctor'.")]
    private partial void LogNoSandbox(string subtaskId);

    [LoggerMessage(LogLevel.Error, "Verifying failed for {Claimant}; it is tried again.")]
    private partial void LogFailed(Exception fault, string claimant);
}
