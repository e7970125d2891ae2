using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Vacuity;

/// <summary>What the run of tests against the always-raising stub says about the tests.</summary>
/// <param name="Accepted">Whether the tests may count.</param>
/// <param name="Fault">What was wrong, in words for the model; absent when accepted.</param>
internal sealed record VacuityVerdict(bool Accepted, string? Fault)
{
    /// <summary>Judges a run. A missing sandbox is not judged here: it ends the session.</summary>
    public static VacuityVerdict Of(RunResult stubRun) => stubRun switch
    {
        { QueueReason: QueueReason.SyntaxError } => Refuse($"Your tests do not parse: {Said(stubRun)}"),
        { QueueReason: QueueReason.OutsideSubset } => Refuse($"Your tests use something that is refused: {Said(stubRun)}"),
        { QueueReason: QueueReason.Timeout or QueueReason.MemoryLimit or QueueReason.OutputLimit } => Refuse("Your tests hit a limit even before there is code to test. Make them small."),
        { Tests: { Total: 0, Complete: true } } => Refuse("No test was found in your file."),
        { Tests: { } report } when report.Failed + report.Errored > 0 => new(true, null),
        { Ok: false, QueueReason: QueueReason.RuntimeError, Tests: null or { Complete: false } } => new(true, null),
        _ => Refuse("Your tests pass even when the code under test always raises an error, so they prove nothing. Call the code and check what it returns."),
    };

    private static VacuityVerdict Refuse(string fault) => new(false, fault);

    private static string Said(RunResult run) =>
        run.Detail is { } detail
            ? $"{detail.Message ?? detail.Construct}{(detail.Line is { } line ? $" (line {line})" : "")}{(detail.Alternative is { } instead ? $"; use instead: {instead}" : "")}"
            : run.Stderr.Trim();
}
