using CsCheck;
using EdgeCoder.Evaluation;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Tests.Evaluation;

public sealed class EvaluationReportTests
{
    private static readonly ModelIdentity Model = new() { Id = "m", Provider = "edgecoder-local", Digest = "sha256:00" };

    private static readonly Gen<ProblemResult> Problem = Gen.Select(Gen.Bool, Gen.Long[0, 100_000], (passed, wall) => new ProblemResult
    {
        TaskId = "HumanEval/0",
        Passed = passed,
        Outcome = passed ? SessionOutcome.Succeeded : SessionOutcome.Failed,
        Attempts = 1,
        WallMs = wall,
        Tokens = 1,
    });

    [Fact]
    public void The_rate_is_the_share_of_problems_that_passed() =>
        Problem.Array[1, 50].Sample(problems =>
        {
            var report = Of(problems);
            Assert.Equal(problems.Count(problem => problem.Passed) / (double)problems.Length, report.PassRate, 12);
        });

    [Fact]
    public void Half_of_the_problems_take_at_most_the_median_and_95_of_100_at_most_the_95th() =>
        Problem.Array[1, 50].Sample(problems =>
        {
            var report = Of(problems);
            Assert.True(problems.Count(problem => problem.WallMs <= report.MedianMs) * 2 >= problems.Length);
            Assert.True(problems.Count(problem => problem.WallMs <= report.P95Ms) * 100 >= problems.Length * 95);
            Assert.Contains(report.P95Ms, problems.Select(problem => problem.WallMs));
        });

    [Fact]
    public void Nothing_tried_is_no_division_by_zero() => Assert.Equal((0.0, 0L), (Of([]).PassRate, Of([]).P95Ms));

    private static EvaluationReport Of(ProblemResult[] problems) => EvaluationReport.Of("python", Model, 1, 0, problems);
}
