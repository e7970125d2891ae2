using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Commands;

/// <summary>Marks cases that failed and passed when they were run again, nothing changed between: pure.</summary>
internal static class FlakyCases
{
    /// <summary>The run with them as passed, and named.</summary>
    public static ProjectTestRun Mark(ProjectTestRun run, TestReport again, IReadOnlyList<string> suspects)
    {
        var second = again.Cases.Where(one => one.Status == TestStatus.Passed).Select(one => one.Name).ToHashSet(StringComparer.Ordinal);
        var flaky = suspects.Where(second.Contains).ToList();
        if (flaky.Count == 0 || !again.Complete)
        {
            return run;
        }

        var cases = run.Report.Cases.Select(one => flaky.Contains(one.Name)
            ? one with { Status = TestStatus.Passed, Message = $"flaky: it failed, and passed when it was run again\n{one.Message}", Expected = null, Actual = null }
            : one).ToList();
        int Count(TestStatus status) => cases.Count(one => one.Status == status);
        return run with
        {
            Flaky = flaky,
            Report = run.Report with { Cases = cases, Passed = Count(TestStatus.Passed), Failed = Count(TestStatus.Failed), Errored = Count(TestStatus.Errored), Skipped = Count(TestStatus.Skipped) },
        };
    }
}
