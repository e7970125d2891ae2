using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Running;

/// <summary>Makes the test report from the runner's records: counts are made here, from the cases, and never taken from the runner.</summary>
internal static class TestReports
{
    private const int MaximumCases = 500;

    // Times are the program's own word: their sum must stay a number.
    private const double LongestMs = 1e9;

    /// <summary>Reads the records. The report is complete when the runner wrote its end record and told as many cases as it had collected.</summary>
    public static TestReport Read(ReportChannel channel)
    {
        var collected = channel.Records.LastOrDefault(record => record.Kind == "collected");
        var cases = channel.Records.Where(record => record.Kind == "case").Select(Case).ToList();
        var total = Math.Max(collected?.Number("total") ?? 0, cases.Count);
        int Count(TestStatus status) => cases.Count(test => test.Status == status);

        // Failures come first into a report that is too long.
        var shown = cases.Count <= MaximumCases ? cases : [.. cases.OrderBy(test => test.Status is TestStatus.Failed or TestStatus.Errored ? 0 : 1).Take(MaximumCases)];
        return new TestReport
        {
            Framework = collected?.Text("framework") is "asserts" or "unittest" or "pytest" or "node:test" or "mixed" ? collected.Text("framework")! : "asserts",
            Total = total,
            Passed = Count(TestStatus.Passed),
            Failed = Count(TestStatus.Failed),
            Skipped = Count(TestStatus.Skipped),
            Errored = Count(TestStatus.Errored),
            DurationMs = Math.Round(cases.Sum(test => test.DurationMs), 3),
            Cases = shown,
            Complete = channel is { Ended: true, Overflowed: false } && collected?.Number("total") is not null && cases.Count == total,
        };
    }

    private static TestCase Case(ReportRecord record) => new()
    {
        Name = record.Text("name") ?? "",
        Status = record.Text("status") switch
        {
            "passed" => TestStatus.Passed,
            "failed" => TestStatus.Failed,
            "skipped" => TestStatus.Skipped,
            _ => TestStatus.Errored,
        },
        DurationMs = Math.Clamp(record.Real("durationMs"), 0, LongestMs),
        Message = record.Text("message"),
        Expected = record.Text("expected"),
        Actual = record.Text("actual"),
        Stdout = record.Text("stdout"),
        Stderr = record.Text("stderr"),
    };
}
