using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Running;

/// <summary>Makes the test report from the runner's records: counts are made here, from the cases, and never taken from the runner.</summary>
internal static class TestReports
{
    private const int MaximumCases = 500;
    private const int MaximumText = 4000;

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
            Complete = channel is { Ended: true, Overflowed: false } && collected is not null && cases.Count == total,
        };
    }

    private static TestCase Case(ReportRecord record) => new()
    {
        Name = Cut(record.Text("name")) ?? "",
        Status = record.Text("status") switch
        {
            "passed" => TestStatus.Passed,
            "failed" => TestStatus.Failed,
            "skipped" => TestStatus.Skipped,
            _ => TestStatus.Errored,
        },
        DurationMs = record.Real("durationMs"),
        Message = Cut(record.Text("message")),
        Expected = Cut(record.Text("expected")),
        Actual = Cut(record.Text("actual")),
        Stdout = Cut(record.Text("stdout")),
        Stderr = Cut(record.Text("stderr")),
    };

    private static string? Cut(string? text) => text is null || text.Length <= MaximumText ? text : text[..MaximumText] + "…";
}
