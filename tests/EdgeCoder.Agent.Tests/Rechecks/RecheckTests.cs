using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Agent.Tests.Rechecks;

public sealed class RecheckTests(VerifierBench bench)
{
    private static readonly AcceptanceCheck Bare = new() { Command = ["runner"], TimeoutMs = 4_000, Report = CheckReport.Runner };

    private readonly Lies lies = new(bench);

    [Fact]
    public async Task Text_and_work_without_a_check_cannot_be_run_again()
    {
        var text = VerifierBench.Subject(SubtaskKind.SingleStep, lies.SnippetCheck, new ResultReport { Output = "words" });
        Assert.Equal(VerdictReasons.NotRerunnable, (await bench.VerifyAsync(text)).Reason);
        var bare = VerifierBench.Subject(SubtaskKind.MicroLoop, null, new ResultReport { Output = "x = 1" });
        Assert.Equal((VerdictKind.Inconclusive, VerdictReasons.NotRerunnable), ((await bench.VerifyAsync(bare)).Kind, (await bench.VerifyAsync(bare)).Reason));
    }

    [Fact]
    public async Task Check_whose_outcome_changes_is_flaky_and_nobodys_fault()
    {
        // The only thing that two runs of one tree do not share is what the system gives anew.
        var check = Bare with { Files = [bench.File("test_a.py", "import os\nfrom solution import x\ndef test_a():\n    assert x == 1\n    assert os.urandom(1)[0] < 128\n")] };
        var reasons = new HashSet<string>();
        for (var i = 0; i < 40 && !reasons.Contains(VerdictReasons.FlakyCheck); i++)
        {
            reasons.Add((await bench.VerifyAsync(VerifierBench.Subject(SubtaskKind.MicroLoop, check, new ResultReport { Output = "x = 1\n" }))).Reason);
        }

        Assert.Contains(VerdictReasons.FlakyCheck, reasons);
    }

    [Fact]
    public async Task Fewer_tests_than_asked_for_are_missing()
    {
        var subject = lies.HonestSnippet;
        Assert.Equal(VerdictReasons.TestsMissing, (await bench.VerifyAsync(subject with { Check = subject.Check! with { MinTests = 4 } })).Reason);
        Assert.Equal(VerdictReasons.TestsMissing, (await bench.VerifyAsync(subject with { BaselineTests = 4 })).Reason);
    }

    [Fact]
    public async Task What_is_not_here_is_not_the_workers_fault()
    {
        var subject = lies.HonestSnippet;
        var gone = await bench.VerifyAsync(subject with { Check = subject.Check! with { Overlay = [new("test_h.py", new string('0', 64))] } });
        Assert.Equal((VerdictKind.Inconclusive, VerdictReasons.VerifierUnavailable), (gone.Kind, gone.Reason));
        var image = await bench.VerifyAsync(subject with { Check = subject.Check! with { Image = "alpine" } });
        Assert.Equal(VerdictReasons.VerifierUnavailable, image.Reason);
    }

    [Fact]
    public async Task Change_runs_in_its_directory_with_its_variables_and_no_network()
    {
        const string Tests = "import os, socket, unittest\nclass A(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(os.environ['WHERE'], 'here')\n        self.assertTrue(os.getcwd().endswith('/sub'))\n        self.assertRaises(OSError, lambda: socket.create_connection(('1.1.1.1', 53), 1))\n        self.assertTrue(os.path.exists('done'))\n";
        var check = new AcceptanceCheck
        {
            Command = ["python3", "-m", "unittest", "test_a"],
            Workdir = "sub",
            TimeoutMs = 20_000,
            Report = CheckReport.Junit,
            Env = new Dictionary<string, string> { ["WHERE"] = "here" },
            ProtectedFiles = [bench.File("sub/test_a.py", Tests)],
        };
        var patch = bench.Put("diff --git a/sub/done b/sub/done\nnew file mode 100644\nindex 0..0\n");
        var finding = await bench.VerifyAsync(VerifierBench.Subject(SubtaskKind.RepoChange, check, new ResultReport { PatchDigest = patch }, bench.Snapshot(("sub/test_a.py", Tests))));
        Assert.True(finding.Kind == VerdictKind.Accepted, finding.ToString());
    }

    [Fact]
    public async Task Tap_and_exit_codes_are_read_as_the_check_says()
    {
        var snapshot = bench.Snapshot(("a", "1\n"));
        var patch = bench.Put("");
        async Task<string> ReasonAsync(CheckReport report, string script, int exitCode = 0, int? minTests = null) => (await bench.VerifyAsync(VerifierBench.Subject(
            SubtaskKind.RepoChange,
            new AcceptanceCheck { Command = ["sh", "-c", script], TimeoutMs = 20_000, Report = report, Expected = new() { ExitCode = exitCode }, MinTests = minTests },
            new ResultReport { PatchDigest = patch },
            snapshot))).Reason;
        Assert.Equal(VerdictReasons.Ok, await ReasonAsync(CheckReport.Tap, "echo 1..2; echo ok 1; echo ok 2", minTests: 2));
        Assert.Equal(VerdictReasons.TestsMissing, await ReasonAsync(CheckReport.Tap, "echo 1..3; echo ok 1; echo ok 2"));
        Assert.Equal(VerdictReasons.TestsMissing, await ReasonAsync(CheckReport.Tap, "true"));
        Assert.Equal(VerdictReasons.CheckFailed, await ReasonAsync(CheckReport.Tap, "echo 1..1; echo not ok 1"));
        Assert.Equal(VerdictReasons.Ok, await ReasonAsync(CheckReport.None, "exit 3", exitCode: 3));
        Assert.Equal(VerdictReasons.CheckFailed, await ReasonAsync(CheckReport.None, "exit 0", exitCode: 3));
        Assert.Equal(VerdictReasons.TestsMissing, await ReasonAsync(CheckReport.Junit, "exit 0"));
        Assert.Equal(VerdictReasons.Ok, await ReasonAsync(CheckReport.Junit, "echo '<testsuite><testcase name=\"a\"/></testsuite>' > $EDGECODER_REPORT_DIR/a.xml"));
    }

    [Fact]
    public async Task Check_that_fails_without_the_work_may_be_used()
    {
        var snippet = await BaselineAsync(SubtaskKind.MicroLoop, lies.SnippetCheck);
        Assert.Equal((null, 3), (snippet.Failure, snippet.TestsSeen));
        Assert.Null((await BaselineAsync(SubtaskKind.RepoChange, lies.RepositoryCheck, lies.Snapshot)).Failure);
    }

    [Theory]
    [InlineData("def test_a():\n    assert True\n", BaselineFailures.AlreadyPasses)]
    [InlineData("import solution\ndef test_a():\n    try:\n        solution.f()\n    except Exception:\n        pass\n", BaselineFailures.AlreadyPasses)]
    [InlineData("def test_a(:\n", BaselineFailures.Unsupported)]
    public async Task Check_that_proves_nothing_reaches_no_worker(string tests, string failure) =>
        Assert.Equal(failure, (await BaselineAsync(SubtaskKind.MicroLoop, Bare with { Files = [bench.File("test_a.py", tests)] })).Failure);

    [Fact]
    public async Task Check_that_passes_untouched_is_taken_when_the_submitter_says_so()
    {
        var check = Bare with { Files = [bench.File("test_a.py", "def test_a():\n    assert True\n")], AllowPassingBaseline = true };
        Assert.Equal((null, 1), (await BaselineAsync(SubtaskKind.MicroLoop, check)) is var found ? (found.Failure, found.TestsSeen) : default);
    }

    [Fact]
    public async Task Check_that_disagrees_with_itself_reaches_no_worker()
    {
        var check = Bare with { Files = [bench.File("test_a.py", "import os\nfrom solution import f\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"def test_{i}():\n    assert os.urandom(1)[0] < 128\n")) + "def test_z():\n    assert f() == 1\n")] };
        Assert.Equal(BaselineFailures.Flaky, (await BaselineAsync(SubtaskKind.MicroLoop, check)).Failure);
    }

    [Fact]
    public async Task Missing_input_of_a_check_fails_the_task_with_its_name() =>
        Assert.Equal(BaselineFailures.InputMissing, (await BaselineAsync(SubtaskKind.RepoChange, lies.RepositoryCheck, new string('0', 64))).Failure);

    [Theory]
    [InlineData("../x")]
    [InlineData("/x")]
    [InlineData(".git/x")]
    public async Task Check_whose_files_leave_the_tree_is_unsupported(string path) =>
        Assert.Equal(BaselineFailures.Unsupported, (await BaselineAsync(SubtaskKind.RepoChange, lies.RepositoryCheck with { Overlay = [new(path, new string('0', 64))] }, lies.Snapshot)).Failure);

    private Task<BaselineFinding> BaselineAsync(SubtaskKind kind, AcceptanceCheck check, string? snapshot = null) =>
        bench.Recheck.BaselineAsync(kind, "python", check, snapshot, TestContext.Current.CancellationToken);
}
