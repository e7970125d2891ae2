using EdgeCoder.Agent.Feedback;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.TestKit.Execution;

namespace EdgeCoder.Agent.Tests.Feedback;

/// <summary>L1: exit code 0 with failing, skipped or no tests is not success. One valid run, one thing changed.</summary>
public sealed class SuccessRuleTests
{
    private static readonly RunResult Valid = Runs.Passed("a", "b");

    [Fact]
    public void Every_test_passed_is_success() => Assert.True(SuccessRule.IsSuccess(Valid));

    [Fact]
    public void One_skipped_beside_a_passed_one_is_success() =>
        Assert.True(SuccessRule.IsSuccess(Valid with { Tests = Runs.Report(Runs.Case("a", TestStatus.Passed), Runs.Case("b", TestStatus.Skipped)) }));

    [Fact]
    public void Exit_code_0_without_tests_is_not() => Assert.False(SuccessRule.IsSuccess(Valid with { Tests = null }));

    [Fact]
    public void No_test_ran_is_not() => Assert.False(SuccessRule.IsSuccess(Valid with { Tests = Runs.Report() }));

    [Fact]
    public void All_skipped_is_not() => Assert.False(SuccessRule.IsSuccess(Valid with { Tests = Runs.Report(Runs.Case("a", TestStatus.Skipped)) }));

    [Theory]
    [InlineData(TestStatus.Failed)]
    [InlineData(TestStatus.Errored)]
    public void One_bad_case_is_not(TestStatus status) =>
        Assert.False(SuccessRule.IsSuccess(Valid with { Tests = Runs.Report(Runs.Case("a", TestStatus.Passed), Runs.Case("b", status)) }));

    [Fact]
    public void Bad_case_that_the_counts_hide_is_not() =>
        Assert.False(SuccessRule.IsSuccess(Valid with { Tests = Valid.Tests! with { Cases = [Runs.Case("a", TestStatus.Failed), Runs.Case("b", TestStatus.Passed)] } }));

    [Fact]
    public void Report_without_its_end_is_not() => Assert.False(SuccessRule.IsSuccess(Valid with { Tests = Valid.Tests! with { Complete = false } }));

    [Fact]
    public void Fewer_cases_than_collected_is_not() => Assert.False(SuccessRule.IsSuccess(Valid with { Tests = Valid.Tests! with { Total = 3 } }));

    [Fact]
    public void Non_zero_exit_code_is_not() => Assert.False(SuccessRule.IsSuccess(Valid with { ExitCode = 1 }));

    [Fact]
    public void Limit_that_was_hit_is_not() => Assert.False(SuccessRule.IsSuccess(Valid with { Limits = Runs.Limits with { Hit = "output" } }));

    [Fact]
    public void Executor_that_says_no_is_obeyed() => Assert.False(SuccessRule.IsSuccess(Valid with { Ok = false }));
}
