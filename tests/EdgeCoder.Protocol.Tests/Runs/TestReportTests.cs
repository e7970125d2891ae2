using CsCheck;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Tests.Sessions;

namespace EdgeCoder.Protocol.Tests.Runs;

public sealed class TestReportTests
{
    private static readonly TestReport Valid = new() { Framework = "pytest", Total = 2, Passed = 2, Failed = 0, Skipped = 0, Errored = 0, DurationMs = 1, Cases = [], Complete = true };

    [Fact]
    public void Whole_report_in_which_all_passed_is_a_pass() => Assert.True(Valid.IsPass);

    [Fact]
    public void Without_end_record_it_is_none() => Assert.False((Valid with { Complete = false }).IsPass);

    [Fact]
    public void Without_a_case_it_is_none() => Assert.False((Valid with { Total = 0, Passed = 0 }).IsPass);

    [Fact]
    public void All_skipped_is_none() => Assert.False((Valid with { Passed = 0, Skipped = 2 }).IsPass);

    [Fact]
    public void A_missing_case_is_none() => Assert.False((Valid with { Passed = 1 }).IsPass);

    [Fact]
    public void A_failed_or_errored_case_is_none()
    {
        Assert.False((Valid with { Total = 3, Failed = 1 }).IsPass);
        Assert.False((Valid with { Total = 3, Errored = 1 }).IsPass);
    }

    [Fact]
    public void No_pass_has_a_failure_or_is_cut() => Records.Report.Sample(r => Assert.True(!r.IsPass || (r is { Complete: true, Failed: 0, Errored: 0, Passed: > 0 } && r.Passed + r.Skipped == r.Total)));
}
