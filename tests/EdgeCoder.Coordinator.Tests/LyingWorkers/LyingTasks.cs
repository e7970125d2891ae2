using System.Text;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Agents;

namespace EdgeCoder.Coordinator.Tests.LyingWorkers;

/// <summary>What is asked of liars and of honest agents, with frozen and hidden tests, and the honest answers.</summary>
internal sealed class LyingTasks
{
    public const string Code = "def total(numbers):\n    return sum(numbers)\n";
    public const string HardCoded = "def total(numbers):\n    return {(1, 2): 3, (): 0}[tuple(numbers)]\n";
    public const string Unfinished = "def total(numbers):\n    raise NotImplementedError\n";
    public const string VisibleCase = "import unittest\nfrom calc import total\n\nclass Visible(unittest.TestCase):\n    def test_two(self):\n        self.assertEqual(total([1, 2]), 3)\n\n    def test_none(self):\n        self.assertEqual(total([]), 0)\n";

    private const string VisibleTests = "from solution import total\n\ndef test_two():\n    assert total([1, 2]) == 3\n\ndef test_none():\n    assert total([]) == 0\n";
    private const string HiddenTests = "from solution import total\n\ndef test_hidden():\n    assert total([5, 6, 7]) == 18\n";
    private const string HiddenCase = "import unittest\nfrom calc import total\n\nclass Hidden(unittest.TestCase):\n    def test_hidden(self):\n        self.assertEqual(total([5, 6, 7]), 18)\n";

    private AcceptanceCheck _snippet = null!;
    private AcceptanceCheck _change = null!;
    private string _snapshot = "";

    /// <summary>Uploads what the tasks need.</summary>
    public static async Task<LyingTasks> UploadAsync(LyingScene scene) => new()
    {
        _snippet = new()
        {
            Command = ["runner"],
            TimeoutMs = 30_000,
            Report = CheckReport.Runner,
            Files = [await scene.FileAsync("test_solution.py", VisibleTests)],
            Overlay = [await scene.FileAsync("test_hidden.py", HiddenTests)],
        },
        _change = new()
        {
            Command = ["python3", "-m", "unittest", "discover", "-s", "tests", "-t", "."],
            TimeoutMs = 60_000,
            Report = CheckReport.Junit,
            ProtectedFiles = [await scene.FileAsync("tests/test_calc.py", VisibleCase)],
            Overlay = [await scene.FileAsync("tests/test_hidden.py", HiddenCase)],
        },
        _snapshot = await scene.SnapshotAsync(("calc.py", Unfinished), ("tests/__init__.py", ""), ("tests/test_calc.py", VisibleCase)),
    };

    /// <summary>A task that any approved agent may do. With <paramref name="soonOver"/> its check has 2 s, otherwise what no busy machine needs.</summary>
    public TaskSubmission Of(string taskId, SubtaskKind kind, bool soonOver = false) => new()
    {
        TaskId = taskId,
        Prompt = "write a function total that adds up numbers",
        Kind = kind,
        Plan = TaskPlan.Single,
        DataClass = "mesh",
        SnapshotRef = kind is SubtaskKind.RepoChange ? "sha256:" + _snapshot : null,
        AcceptanceCheck = kind is SubtaskKind.RepoChange ? _change : soonOver ? _snippet with { TimeoutMs = 2_000 } : _snippet,
    };

    /// <summary>Hands in work that does what was asked.</summary>
    public static Task<AgentAnswer> HonestAsync(ScriptedAgent agent, OpenedWork work) =>
        HandInAsync(agent, work, work.Order.Kind is SubtaskKind.RepoChange ? Patches.Edit("calc.py", Unfinished, Code) : Code, report => report);

    /// <summary>Hands in code, or a patch.</summary>
    public static async Task<AgentAnswer> HandInAsync(ScriptedAgent agent, OpenedWork work, string handed, Func<ResultReport, ResultReport> claims)
    {
        if (work.Order.Kind is not SubtaskKind.RepoChange)
        {
            return await agent.ReportAsync(work, report => claims(report) with { Output = handed }, LyingScene.Stop);
        }

        var patch = await agent.PutSealedAsync(Encoding.UTF8.GetBytes(handed), LyingScene.Stop);
        return await agent.ReportAsync(work, report => claims(report) with { PatchDigest = patch.Digest, Blobs = [patch] }, LyingScene.Stop);
    }
}
