using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Agent.Tests.Rechecks;

/// <summary>Workers that lie, against the real verifier in the real sandbox; and verifiers with a bug, which the same suite must find out.</summary>
public sealed class LyingWorkerTests(VerifierBench bench)
{
    private readonly Lies lies = new(bench);

    [Fact]
    public async Task Honest_snippet_is_accepted_with_the_verifiers_own_count()
    {
        var finding = await bench.VerifyAsync(lies.HonestSnippet);
        Assert.True(finding.Kind == VerdictKind.Accepted, finding.ToString());
        Assert.Equal((3, 3), (finding.TestsRun, finding.TestsPassed));
        Assert.NotNull(finding.SandboxDigest);
    }

    [Fact]
    public async Task Honest_change_is_accepted_with_the_verifiers_own_count()
    {
        var finding = await bench.VerifyAsync(lies.HonestChange);
        Assert.True(finding.Kind == VerdictKind.Accepted, finding.ToString());
        Assert.Equal((3, 3), (finding.TestsRun, finding.TestsPassed));
    }

    [Fact]
    public async Task Every_lie_about_a_snippet_is_rejected_for_its_reason() => Assert.Empty(await BelievedAsync(lies.Snippets(), bench.VerifyAsync));

    [Fact]
    public async Task Every_lie_about_a_repository_is_rejected_for_its_reason() => Assert.Empty(await BelievedAsync(lies.Changes(), bench.VerifyAsync));

    // The limits of running again, stated where they can be seen (docs/verification.md).
    [Fact]
    public async Task Hard_coded_outputs_pass_where_no_hidden_test_asks_for_more()
    {
        var subject = lies.HardCodedSnippet;
        var finding = await bench.VerifyAsync(subject with { BaselineTests = 2, Check = subject.Check! with { Overlay = null } });
        Assert.Equal(VerdictKind.Accepted, finding.Kind);
    }

    [Fact]
    public async Task Value_that_equals_everything_passes_tests_that_only_compare()
    {
        var subject = lies.HonestSnippet;
        var report = subject.Report with { Output = "class Yes:\n    def __eq__(self, other):\n        return True\n\ndef total(numbers):\n    return Yes()\n" };
        Assert.Equal(VerdictKind.Accepted, (await bench.VerifyAsync(subject with { Report = report with { ResultDigest = ResultDigest.Of(report) } })).Kind);
    }

    [Fact]
    public async Task Failing_agent_is_believed_when_it_says_so_itself()
    {
        var subject = VerifierBench.Subject(Protocol.Tasks.SubtaskKind.MicroLoop, lies.SnippetCheck, new ResultReport { Ok = false, Error = "no idea" });
        Assert.Equal((VerdictKind.Rejected, VerdictReasons.AgentReportedFailure), Outcome(await bench.VerifyAsync(subject)));
    }

    // The same suite against verifiers with a bug: it must fail for each, else it would not have found that bug in ours.
    [Fact]
    public async Task Verifier_that_trusts_the_workers_report_fails_the_suite() => Assert.NotEmpty(await BelievedAsync(lies.Snippets(), subject => Task.FromResult(
        subject.Report.TestReport is { Failed: 0, Run: > 0 } ? new RecheckFinding { Kind = VerdictKind.Accepted, Reason = VerdictReasons.Ok } : new RecheckFinding { Kind = VerdictKind.Rejected, Reason = VerdictReasons.CheckFailed })));

    [Fact]
    public async Task Verifier_that_leaves_out_the_hidden_tests_fails_the_suite() => Assert.Contains(
        "hard-codes the outputs that it saw",
        await BelievedAsync(lies.Snippets(), subject => bench.VerifyAsync(subject with { BaselineTests = 2, Check = subject.Check! with { Overlay = null } })));

    [Fact]
    public async Task Verifier_that_does_not_recompute_digests_fails_the_suite() => Assert.Contains(
        "replays an old result under a new lease's name",
        await BelievedAsync(lies.Snippets(), subject => bench.VerifyAsync(subject with { CheckDigest = subject.Report.CheckDigest, Report = subject.Report with { ResultDigest = ResultDigest.Of(subject.Report) } })));

    [Fact]
    public async Task Verifier_that_believes_the_exit_code_fails_the_suite() => Assert.Contains(
        "exits 0 early",
        await BelievedAsync(lies.Changes().Where(lie => lie.Name.StartsWith("exits", StringComparison.Ordinal)), subject => bench.VerifyAsync(subject with { BaselineTests = 0, Check = subject.Check! with { Report = CheckReport.None } })));

    [Fact]
    public async Task Verifier_that_protects_no_file_fails_the_suite() => Assert.Contains(
        "edits the tests",
        await BelievedAsync(lies.Changes().Where(lie => lie.Name.StartsWith("edits", StringComparison.Ordinal)), subject => bench.VerifyAsync(subject with { Check = subject.Check! with { ProtectedFiles = [], Overlay = null } })));

    /// <summary>The lies that a verifier accepts, or refuses for another reason.</summary>
    private static async Task<IReadOnlyList<string>> BelievedAsync(IEnumerable<Lie> lies, Func<RecheckSubject, Task<RecheckFinding>> verify)
    {
        List<string> believed = [];
        foreach (var lie in lies)
        {
            var finding = await verify(lie.Subject);
            if (finding.Kind == VerdictKind.Accepted)
            {
                believed.Add(lie.Name);
            }
            else if (finding.Kind != VerdictKind.Rejected || !lie.Reasons.Contains(finding.Reason))
            {
                believed.Add($"{lie.Name}: {finding}");
            }
        }

        return believed;
    }

    private static (VerdictKind, string) Outcome(RecheckFinding finding) => (finding.Kind, finding.Reason);
}
