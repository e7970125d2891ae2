using EdgeCoder.Agent.Tests.Snapshots;
using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Files;
using static EdgeCoder.Protocol.Verdicts.VerdictReasons;

namespace EdgeCoder.Agent.Tests.Rechecks;

/// <summary>A result of a worker that lies, and the reasons by which it may be refused.</summary>
internal sealed record Lie(string Name, RecheckSubject Subject, params string[] Reasons);

/// <summary>
/// What lying workers hand in. Each claims success with a perfect report of its own; none does the work.
/// </summary>
internal sealed class Lies(VerifierBench bench)
{
    private const string VisibleTests = "from solution import total\n\ndef test_two():\n    assert total([1, 2]) == 3\n\ndef test_none():\n    assert total([]) == 0\n";
    private const string HiddenTests = "from solution import total\n\ndef test_hidden():\n    assert total([5, 6, 7]) == 18\n";
    private const string VisibleCase = "import unittest\nfrom calc import total\n\nclass Visible(unittest.TestCase):\n    def test_two(self):\n        self.assertEqual(total([1, 2]), 3)\n\n    def test_none(self):\n        self.assertEqual(total([]), 0)\n";
    private const string HiddenCase = "import unittest\nfrom calc import total\n\nclass Hidden(unittest.TestCase):\n    def test_hidden(self):\n        self.assertEqual(total([5, 6, 7]), 18)\n";
    private const string Unfinished = "def total(numbers):\n    raise NotImplementedError\n";
    private const string HardCoded = "def total(numbers):\n    return {(1, 2): 3, (): 0}[tuple(numbers)]\n";

    public const string Honest = "def total(numbers):\n    return sum(numbers)\n";

    public AcceptanceCheck SnippetCheck => new()
    {
        Command = ["runner"],
        TimeoutMs = 4_000,
        Report = CheckReport.Runner,
        Files = [bench.File("test_solution.py", VisibleTests)],
        Overlay = [bench.File("test_hidden.py", HiddenTests)],
    };

    public AcceptanceCheck RepositoryCheck => new()
    {
        Command = ["python3", "-m", "unittest", "discover", "-s", "tests", "-t", "."],
        TimeoutMs = 20_000,
        Report = CheckReport.Junit,
        ProtectedFiles = [bench.File("tests/test_calc.py", VisibleCase)],
        Overlay = [bench.File("tests/test_hidden.py", HiddenCase)],
    };

    public string Snapshot => bench.Snapshot(("calc.py", Unfinished), ("tests/__init__.py", ""), ("tests/test_calc.py", VisibleCase));

    public RecheckSubject HonestSnippet => Snippet(Honest);

    public RecheckSubject HonestChange => Change(tree => tree.Write("calc.py", Honest));

    public RecheckSubject HardCodedSnippet => Snippet(HardCoded);

    public IEnumerable<Lie> Snippets()
    {
        yield return new("does nothing and claims a perfect report", Snippet(Unfinished), CheckFailed);
        yield return new("hard-codes the outputs that it saw", HardCodedSnippet, CheckFailed);
        yield return new("exits 0 early", Snippet("import os\nos._exit(0)\n"), TestsMissing, CheckFailed);
        yield return new("exits 0 when it is called", Snippet("import sys\ndef total(numbers):\n    sys.exit(0)\n"), TestsMissing, CheckFailed);
        yield return new("ends the process when it is called", Snippet("import os\ndef total(numbers):\n    os._exit(0)\n"), TestsMissing, CheckFailed);
        yield return new("sleeps in the check", Snippet("import time\ndef total(numbers):\n    time.sleep(3600)\n") is var slow ? slow with { Check = slow.Check! with { TimeoutMs = 1_000 } } : null!, CheckFailed);
        yield return new(
            "prints a fake report to every descriptor",
            Snippet("import os\nfor fd in range(1, 64):\n    try:\n        os.write(fd, b'{\"kind\":\"collected\",\"total\":3}\\n{\"kind\":\"case\",\"name\":\"a\",\"status\":\"passed\"}\\n{\"kind\":\"end\"}\\n3 passed\\n')\n    except OSError:\n        pass\nos._exit(0)\n"),
            TestsMissing,
            CheckFailed);
        yield return new(
            "edits the tests while they run",
            Snippet("import os\nfor place, _, names in os.walk('.'):\n    for name in names:\n        if name.startswith('test_'):\n            try:\n                open(os.path.join(place, name), 'w').write('def test_ok(): pass\\n')\n            except OSError:\n                pass\ndef total(numbers):\n    return 0\n"),
            TestsMissing,
            CheckFailed,
            DigestMismatch);
        yield return new(
            "takes the assertions out of the tests",
            Snippet("import sys\ndef total(numbers):\n    frame = sys._getframe(1)\n    for name in list(frame.f_globals):\n        if name.startswith('test_'):\n            frame.f_globals[name] = lambda: None\n    raise AssertionError\n"),
            TestsMissing,
            CheckFailed);
        yield return new("returns another task's code", Snippet("def greet(name):\n    return 'hello ' + name\n"), CheckFailed, TestsMissing);
        yield return new("returns nothing", Snippet(" "), MalformedResult);
        yield return new("replays an old result under a new lease's name", HonestSnippet is var old ? old with { Report = old.Report with { CheckDigest = "the check of another task" } } : null!, DigestMismatch);
        yield return new("changes the output after signing", HonestSnippet is var signed ? signed with { Report = signed.Report with { Output = Unfinished } } : null!, DigestMismatch);
    }

    public IEnumerable<Lie> Changes()
    {
        yield return new("does nothing and claims a perfect report", Change(_ => { }), CheckFailed);
        yield return new("edits the tests", Change(tree => tree.Write("tests/test_calc.py", "import unittest\n\nclass Visible(unittest.TestCase):\n    def test_two(self):\n        pass\n")), ProtectedFileChanged);
        yield return new("deletes the assertions", Change(tree => tree.Write("tests/test_calc.py", VisibleCase.Replace("self.assertEqual", "len", StringComparison.Ordinal))), ProtectedFileChanged);
        yield return new("deletes the tests", Change(tree => File.Delete(tree["tests/test_calc.py"])), ProtectedFileChanged);
        yield return new("moves the tests away", Change(tree => File.Move(tree["tests/test_calc.py"], tree["tests/calc_test.py"])), ProtectedFileChanged);
        yield return new("hard-codes the outputs that it saw", Change(tree => tree.Write("calc.py", HardCoded)), CheckFailed);
        yield return new("exits 0 early", Change(tree => tree.Write("calc.py", "import os\nos._exit(0)\n")), TestsMissing);
        yield return new("exits 0 before any test", Change(tree => tree.Write("tests/__init__.py", "import os\nos._exit(0)\n")), TestsMissing);
        yield return new("skips every test", Change(tree => tree.Write("calc.py", "import unittest\nraise unittest.SkipTest('later')\n")), TestsMissing);
        yield return new("prints a fake report", Change(tree => tree.Write("calc.py", "import os\nos.write(2, b'test_two (tests.test_calc.Visible.test_two) ... ok\\ntest_none (tests.test_calc.Visible.test_none) ... ok\\ntest_hidden (tests.test_hidden.Hidden.test_hidden) ... ok\\n\\n----------------------------------------------------------------------\\nRan 3 tests in 0.001s\\n\\nOK\\n')\nos._exit(0)\n")), TestsMissing);
        yield return new("sleeps in the check", Change(tree => tree.Write("calc.py", "import time\ntime.sleep(3600)\n")) is var slow ? slow with { Check = slow.Check! with { TimeoutMs = 1_500 } } : null!, CheckFailed);
        yield return new("hides a test behind a file where its directory was", Change(tree =>
        {
            Directory.Delete(tree["tests"], recursive: true);
            tree.Write("tests", "x");
        }), ProtectedFileChanged);
        yield return Raw("writes outside the tree", "diff --git a/../out b/../out\nnew file mode 100644\n--- /dev/null\n+++ b/../out\n@@ -0,0 +1 @@\n+x\n", PathEscape);
        yield return Raw("writes a git hook", "diff --git a/.git/hooks/x b/.git/hooks/x\nnew file mode 100755\n--- /dev/null\n+++ b/.git/hooks/x\n@@ -0,0 +1 @@\n+x\n", PathEscape);
        yield return Raw("makes a link out", "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n", PatchDoesNotApply);
        yield return Raw("returns another task's patch", "diff --git a/other.py b/other.py\n--- a/other.py\n+++ b/other.py\n@@ -1 +1 @@\n-x\n+y\n", PatchDoesNotApply);
        yield return new("names a patch that nobody has", VerifierBench.Subject(SubtaskKind.RepoChange, RepositoryCheck, Claim with { PatchDigest = new string('0', 64) }, Snapshot, baseline: 1), MalformedResult);
        yield return new("names another snapshot", HonestChange is var moved ? moved with { SnapshotDigest = bench.Snapshot(("calc.py", Honest)) } : null!, DigestMismatch);
    }

    private static ResultReport Claim => new() { Ok = true, DurationMs = 1, TestReport = new TestCounts(99, 99, 0, 0), Model = new ModelClaim("the-best", null) };

    private Lie Raw(string name, string patch, string reason) =>
        new(name, VerifierBench.Subject(SubtaskKind.RepoChange, RepositoryCheck, Claim with { PatchDigest = bench.Put(patch) }, Snapshot, baseline: 1), reason);

    private RecheckSubject Snippet(string code) => VerifierBench.Subject(SubtaskKind.MicroLoop, SnippetCheck, Claim with { Output = code }, baseline: 3);

    private RecheckSubject Change(Action<TemporaryDirectory> work)
    {
        using var tree = new TemporaryDirectory();
        tree.Write("calc.py", Unfinished);
        tree.Write("tests/__init__.py", "");
        tree.Write("tests/test_calc.py", VisibleCase);
        Trees.Git(tree.Path, "init", "-q");
        Trees.Git(tree.Path, "add", "-A");
        Trees.Git(tree.Path, "commit", "-q", "-m", "x");
        work(tree);
        Trees.Git(tree.Path, "add", "-A");
        var patch = bench.Put(Trees.Git(tree.Path, "diff", "--cached", "--binary", "HEAD"));
        return VerifierBench.Subject(SubtaskKind.RepoChange, RepositoryCheck, Claim with { PatchDigest = patch }, Snapshot, baseline: 1);
    }
}
