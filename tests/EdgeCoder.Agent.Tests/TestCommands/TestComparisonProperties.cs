using CsCheck;
using EdgeCoder.Agent.TestCommands;
using EdgeCoder.Agent.TestCommands.Reports;
using EdgeCoder.Protocol.Runs;
using Xunit;

namespace EdgeCoder.Agent.Tests.TestCommands;

/// <summary>What holds for any two runs.</summary>
public sealed class TestComparisonProperties
{
    private static readonly Gen<TestReport> Reports = Gen.Select(Gen.Select(Gen.Int[0, 9], Gen.Enum<TestStatus>()).Array[0, 12], Gen.Bool).Select((cases, complete) =>
    {
        var report = new ReportBuilder("any");
        foreach (var (number, status) in cases)
        {
            report.Add($"test {number}", status);
        }

        return report.Build(complete);
    });

    [Fact]
    public void Each_bad_or_lost_test_is_in_exactly_one_list() => Gen.Select(Reports, Reports, Reports).Sample((before, now, again) =>
    {
        var found = TestComparison.Of(before, now, again);
        var bad = now.Cases.Where(one => one.Status is TestStatus.Failed or TestStatus.Errored).Select(one => one.Name).Order(StringComparer.Ordinal);
        Assert.Equal(bad, found.OldFailures.Concat(found.NewFailures).Concat(found.Flaky).Order(StringComparer.Ordinal));
        Assert.Empty(found.NewlyPassing.Intersect(found.NewFailures.Concat(found.OldFailures).Concat(found.Disappeared)));
        Assert.All(found.Disappeared, name => Assert.Contains(before.Cases, one => one.Name == name && one.Status == TestStatus.Passed));
    });

    [Fact]
    public void Nothing_broken_means_that_all_that_passed_passes_or_is_flaky() => Gen.Select(Reports, Reports, Reports).Sample((before, now, again) =>
    {
        var found = TestComparison.Of(before, now, again);
        if (found.NothingBroken)
        {
            Assert.True(now.Complete && now.Passed > 0);
            Assert.All(before.Cases.Where(one => one.Status == TestStatus.Passed), one =>
                Assert.True(found.Flaky.Contains(one.Name) || now.Cases.Any(same => same.Name == one.Name && same.Status == TestStatus.Passed)));
        }
    });

    [Fact]
    public void Same_run_twice_changes_nothing() => Reports.Sample(report =>
    {
        var found = TestComparison.Of(report, report);
        Assert.Equal((0, 0, 0, 0), (found.NewFailures.Count, found.NewlyPassing.Count, found.Disappeared.Count, found.Flaky.Count));
        Assert.Equal(report.Complete && report.Passed > 0, found.NothingBroken);
    });

    [Fact]
    public void Counts_of_a_report_fit_its_cases() => Reports.Sample(report =>
    {
        Assert.Equal(report.Total, report.Passed + report.Failed + report.Skipped + report.Errored);
        Assert.Equal(report.Total, report.Cases.Count);
        Assert.Equal(report.Cases.Count, report.Cases.Select(one => one.Name).Distinct().Count());
    });

    [Fact]
    public void Deleted_test_is_no_way_to_mend_it()
    {
        var before = Report(("a", TestStatus.Passed), ("b", TestStatus.Passed));
        var found = TestComparison.Of(before, Report(("a", TestStatus.Passed)));
        Assert.Equal((false, "b"), (found.NothingBroken, string.Join(',', found.Disappeared)));
        Assert.False(TestComparison.Of(before, Report(("a", TestStatus.Passed), ("b", TestStatus.Skipped))).NothingBroken);
    }

    private static TestReport Report(params (string Name, TestStatus Status)[] cases)
    {
        var report = new ReportBuilder("any");
        Array.ForEach(cases, one => report.Add(one.Name, one.Status));
        return report.Build(complete: true);
    }
}
