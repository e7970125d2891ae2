using EdgeCoder.Agent.Repositories;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>L1: what a test run proves. One valid pair of runs; tamper one thing.</summary>
public sealed class TestVerdictTests
{
    private static readonly (string, TestStatus)[] Before = [("test_a", TestStatus.Passed), ("test_b", TestStatus.Failed)];

    [Fact]
    public void All_green_is_success() => Assert.True(Judge([("test_a", TestStatus.Passed), ("test_b", TestStatus.Passed)]).Success);

    [Fact]
    public void Broken_test_is_none() => Assert.Equal((false, true), Of(Judge([("test_a", TestStatus.Failed), ("test_b", TestStatus.Passed)])));

    [Fact]
    public void Deleted_test_is_none() => Assert.Equal((false, true), Of(Judge([("test_b", TestStatus.Passed)])));

    [Fact]
    public void Skipped_test_is_none() => Assert.Equal((false, true), Of(Judge([("test_a", TestStatus.Skipped), ("test_b", TestStatus.Passed)])));

    [Fact]
    public void New_test_that_fails_is_none() => Assert.Equal((false, true), Of(Judge([("test_a", TestStatus.Passed), ("test_b", TestStatus.Passed), ("test_c", TestStatus.Errored)])));

    [Fact]
    public void Nothing_better_than_before_is_none() => Assert.False(Judge([("test_a", TestStatus.Passed), ("test_b", TestStatus.Failed)]).Success);

    [Fact]
    public void Old_failure_is_let_be_when_another_test_proves_the_change() =>
        Assert.True(Judge([("test_a", TestStatus.Passed), ("test_b", TestStatus.Failed), ("test_new", TestStatus.Passed)]).Success);

    [Fact]
    public void Old_failure_that_the_request_names_is_not_let_be() =>
        Assert.Equal((false, true), Of(Judge([("test_a", TestStatus.Passed), ("tests.X.test_needed", TestStatus.Failed), ("test_new", TestStatus.Passed)], [("test_a", TestStatus.Passed), ("tests.X.test_needed", TestStatus.Failed)], "mend test_needed")));

    [Fact]
    public void Run_that_did_not_end_is_none() => Assert.Equal((false, true), Of(TestVerdict.Of(Report(Before), Report([("test_a", TestStatus.Passed), ("test_b", TestStatus.Passed)]) with { Complete = false }, "x", false)));

    [Fact]
    public void Run_without_tests_is_none() => Assert.False(TestVerdict.Of(null, Report([]), "x", false).Success);

    [Fact]
    public void All_skipped_is_none() => Assert.False(TestVerdict.Of(null, Report([("test_a", TestStatus.Skipped)]), "x", false).Success);

    [Fact]
    public void Without_a_baseline_every_failure_counts() => Assert.Equal((false, true), Of(TestVerdict.Of(null, Report([("test_a", TestStatus.Passed), ("test_b", TestStatus.Failed)]), "x", false)));

    private static (bool, bool) Of(TestVerdict verdict) => (verdict.Success, verdict.Retry);

    private static TestVerdict Judge((string, TestStatus)[] after, (string, TestStatus)[]? before = null, string request = "mend it") =>
        TestVerdict.Of(Report(before ?? Before), Report(after), request, allCount: false);

    private static TestReport Report((string Name, TestStatus Status)[] cases)
    {
        int Count(TestStatus status) => cases.Count(c => c.Status == status);
        return new()
        {
            Framework = "f",
            Total = cases.Length,
            Passed = Count(TestStatus.Passed),
            Failed = Count(TestStatus.Failed),
            Skipped = Count(TestStatus.Skipped),
            Errored = Count(TestStatus.Errored),
            DurationMs = 1,
            Complete = true,
            Cases = [.. cases.Select(c => new TestCase { Name = c.Name, Status = c.Status, DurationMs = 1 })],
        };
    }
}
