using EdgeCoder.Agent.Vacuity;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.TestKit.Execution;

namespace EdgeCoder.Agent.Tests.Vacuity;

public sealed class VacuityVerdictTests
{
    [Fact]
    public void Tests_that_fail_against_the_stub_are_accepted() => Assert.True(VacuityVerdict.Of(Runs.Failed()).Accepted);

    [Fact]
    public void One_failing_test_is_enough() =>
        Assert.True(VacuityVerdict.Of(Runs.Failed() with { Tests = Runs.Report(Runs.Case("a", TestStatus.Passed), Runs.Case("b", TestStatus.Errored)) }).Accepted);

    [Fact]
    public void Tests_that_pass_against_the_stub_are_refused() => Assert.Contains("prove nothing", VacuityVerdict.Of(Runs.Passed("a")).Fault, StringComparison.Ordinal);

    [Fact]
    public void All_skipped_against_the_stub_is_refused() =>
        Assert.False(VacuityVerdict.Of(Runs.Ended(1, QueueReason.RuntimeError) with { Tests = Runs.Report(Runs.Case("a", TestStatus.Skipped)) }).Accepted);

    [Fact]
    public void No_test_found_is_refused() => Assert.Contains("No test", VacuityVerdict.Of(Runs.Ended(1, QueueReason.RuntimeError) with { Tests = Runs.Report() }).Fault, StringComparison.Ordinal);

    [Fact]
    public void Tests_that_do_not_parse_are_refused_with_the_line() => Assert.Contains("line 3", VacuityVerdict.Of(Runs.SyntaxError(3)).Fault, StringComparison.Ordinal);

    [Fact]
    public void Tests_outside_the_subset_are_refused_with_the_alternative() =>
        Assert.Contains("work on values that are given", VacuityVerdict.Of(Runs.OutsideSubset()).Fault, StringComparison.Ordinal);

    [Fact]
    public void Tests_that_never_end_are_refused() => Assert.False(VacuityVerdict.Of(Runs.Timeout()).Accepted);

    [Theory]
    [InlineData(SnippetLanguage.Python, "class merge(")]
    [InlineData(SnippetLanguage.JavaScript, "function merge(")]
    public void Stub_has_the_wanted_names(SnippetLanguage language, string definition) =>
        Assert.Contains(definition, StubProgram.Write(language, ["merge"]).Text, StringComparison.Ordinal);
}
