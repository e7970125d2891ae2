using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Feedback;

/// <summary>When a run is a success. Exit code 0 alone never is.</summary>
internal static class SuccessRule
{
    /// <summary>
    /// Every counted test passed, at least one ran, the report is whole and no limit was hit.
    /// The executor's own <c>ok</c> is needed too, but not enough: it knows nothing of what this session wanted.
    /// </summary>
    public static bool IsSuccess(RunResult result) =>
        result is { Ok: true, ExitCode: 0, QueueReason: null, Limits.Hit: null, Tests: { } report }
        && report.IsPass
        && report.Cases.All(c => c.Status is TestStatus.Passed or TestStatus.Skipped);
}
