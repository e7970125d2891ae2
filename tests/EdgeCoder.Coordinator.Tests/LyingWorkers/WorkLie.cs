using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using static EdgeCoder.Protocol.Verdicts.VerdictReasons;

namespace EdgeCoder.Coordinator.Tests.LyingWorkers;

/// <summary>A lie about the work: a properly signed result of one's own lease, with a perfect report, that does not do what was asked.</summary>
/// <param name="Name">What the worker does.</param>
/// <param name="Kind">Kind of task.</param>
/// <param name="Handed">Code of a snippet, or a patch.</param>
/// <param name="Reasons">By which of these reasons it is refused.</param>
internal sealed record WorkLie(string Name, SubtaskKind Kind, string Handed, params string[] Reasons)
{
    private const string PrintsAndExits = "import os\nfor fd in range(1, 64):\n    try:\n        os.write(fd, b'{\"kind\":\"collected\",\"total\":3}\\n{\"kind\":\"end\"}\\n3 passed\\nRan 3 tests in 0.001s\\n\\nOK\\n')\n    except OSError:\n        pass\nos._exit(0)\n";

    /// <summary>What every liar says of itself.</summary>
    public static ResultReport Perfect(ResultReport report) =>
        report with { Ok = true, DurationMs = 3_600_000, TestReport = new TestCounts(99, 99, 0, 0), Model = new ModelClaim("huge:999b", null), Sandbox = new("vm", null) };

    /// <summary>Whether only the time limit of the check ends it.</summary>
    public bool Sleeps { get; private init; }

    /// <summary>The lies.</summary>
    public static IReadOnlyList<WorkLie> All { get; } =
    [
        Snippet("hard-codes the outputs that it saw", LyingTasks.HardCoded, CheckFailed),
        Snippet("takes the assertions out of the tests", "import sys\ndef total(numbers):\n    frame = sys._getframe(1)\n    for name in list(frame.f_globals):\n        if name.startswith('test_'):\n            frame.f_globals[name] = lambda: None\n    raise AssertionError\n", TestsMissing, CheckFailed),
        Snippet("edits the tests while they run", "import os\nfor place, _, names in os.walk('.'):\n    for name in names:\n        if name.startswith('test_'):\n            try:\n                open(os.path.join(place, name), 'w').write('def test_ok(): pass\\n')\n            except OSError:\n                pass\ndef total(numbers):\n    return 0\n", TestsMissing, CheckFailed),
        Snippet("sleeps in the check", "import time\ndef total(numbers):\n    time.sleep(3600)\n", CheckFailed) with { Sleeps = true },
        Snippet("exits 0 early", "import os\nos._exit(0)\n", TestsMissing, CheckFailed),
        Snippet("exits 0 when it is called", "import sys\ndef total(numbers):\n    sys.exit(0)\n", TestsMissing, CheckFailed),
        Snippet("prints a fake report to every descriptor", PrintsAndExits, TestsMissing, CheckFailed),
        Snippet("returns another task's code", "def greet(name):\n    return 'hello ' + name\n", CheckFailed, TestsMissing),
        Snippet("returns nothing", " ", MalformedResult),
        Change("edits the tests", Patches.Edit("tests/test_calc.py", LyingTasks.VisibleCase, LyingTasks.VisibleCase.Replace("self.assertEqual(total([1, 2]), 3)", "pass", StringComparison.Ordinal)), ProtectedFileChanged),
        Change("deletes the assertions", Patches.Edit("tests/test_calc.py", LyingTasks.VisibleCase, LyingTasks.VisibleCase.Replace("self.assertEqual", "len", StringComparison.Ordinal)), ProtectedFileChanged),
        Change("deletes the tests", Patches.Delete("tests/test_calc.py", LyingTasks.VisibleCase), ProtectedFileChanged),
        Change("hard-codes the outputs of a project", Patches.Edit("calc.py", LyingTasks.Unfinished, LyingTasks.HardCoded), CheckFailed),
        Change("exits 0 before any test of a project", Patches.Edit("calc.py", LyingTasks.Unfinished, "import os\nos._exit(0)\n"), TestsMissing),
        Change("returns another task's patch", Patches.Edit("other.py", "x\n", "y\n"), PatchDoesNotApply),
        Change("writes outside the tree", Patches.Add("../out", "x\n"), PathEscape),
    ];

    private static WorkLie Snippet(string name, string code, params string[] reasons) => new(name, SubtaskKind.MicroLoop, code, reasons);

    private static WorkLie Change(string name, string patch, params string[] reasons) => new(name, SubtaskKind.RepoChange, patch, reasons);
}
