using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Snapshots;
using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Execution;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Repositories;

namespace EdgeCoder.Agent.Tests.Workers;

/// <summary>The worker path of agent-executor-models 1.2; L7 (what a result carries) and L8 (what a subtask demands).</summary>
[Collection(GitCollection.Name)]
public sealed class SubtaskWorkTests(GitFixture fixture)
{
    private const string Good = "def merge(a, b):\n    return {**a, **b}";
    private const string Plan = "1. Take two dictionaries.\n2. Return a new one.";

    private static readonly byte[] Tests = "def test_it():\n    assert merge({'a': 1}, {}) == {'a': 1}\n"u8.ToArray();

    [Fact]
    public async Task A_result_carries_the_code_the_counts_the_history_and_who_ran_it_and_never_the_output_of_the_program()
    {
        var executor = new ScriptedExecutor(_ => Runs.Passed("test_it") with { Stdout = "printed by the program", Sandbox = new() { Backend = "namespaces", Digest = "d1" } });
        using var scene = Snippet(executor, Plan, ScriptedReply.Fenced(Good));

        var done = Assert.IsType<WorkOutcome.Done>(await scene.RunAsync(Order(scene)));

        Assert.True(done.Ok, done.Error);
        Assert.Equal(Good, done.Output!.Trim());
        Assert.Equal((1, 1, 0), (done.Tests!.Run, done.Tests.Passed, done.Tests.Failed));
        Assert.Equal(("coder:1b", "sha256:abc"), (done.Model.ModelId, done.Model.Digest));
        Assert.Equal(("namespaces", "d1"), (done.Sandbox!.Mode, done.Sandbox.Digest));
        using var logs = JsonDocument.Parse(done.Logs);
        Assert.Contains("printed by the program", logs.RootElement.GetProperty("execution").GetProperty("history").GetRawText(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(scene.Attempts));
    }

    [Fact]
    public async Task Every_run_has_the_time_of_the_subtask_the_memory_of_the_owner_and_the_tests_of_the_check()
    {
        var executor = new ScriptedExecutor(_ => Runs.Passed("test_it"));
        using var scene = Snippet(executor, Plan, ScriptedReply.Fenced(Good));
        scene.Policy = new() { MemoryLimitMb = 128 };

        await scene.RunAsync(Order(scene) with { TimeoutMs = 7_000 });

        Assert.All(executor.Requests, request => Assert.Equal((TimeSpan.FromSeconds(7), 128L << 20), (request.Limits.Time, request.Limits.MemoryBytes)));
        Assert.All(executor.Requests, request => Assert.Equal(Encoding.UTF8.GetString(Tests), Assert.Single(request.Tests).Text));
    }

    [Fact]
    public async Task Two_iterations_are_the_default_and_the_limit_of_the_subtask_wins()
    {
        foreach (var (limits, most) in new (AttemptLimits?, int)[] { (null, 2), (new() { MaxSteps = 1 }, 1) })
        {
            var runs = 0;
            var executor = new ScriptedExecutor(_ => Runs.Failed(actual: $"{++runs}"));
            using var scene = Snippet(executor, Plan, ScriptedReply.Fenced("def merge(a, b):\n    return 1"), ScriptedReply.Fenced("def merge(a, b):\n    return 2"));

            var done = Assert.IsType<WorkOutcome.Done>(await scene.RunAsync(Order(scene) with { Limits = limits }));

            Assert.Equal((false, most), (done.Ok, runs));
            Assert.Equal("max_iterations_exhausted", done.EscalationReason);
            Assert.NotNull(done.Error);
        }
    }

    [Theory]
    [InlineData("language", ReleaseReasons.Unsupported)]
    [InlineData("model", ReleaseReasons.Model)]
    [InlineData("limits", ReleaseReasons.Limits)]
    [InlineData("tests", ReleaseReasons.Check)]
    [InlineData("missing", ReleaseReasons.Check)]
    [InlineData("sandbox", ReleaseReasons.Sandbox)]
    public async Task What_cannot_be_obeyed_goes_back_before_anything_is_asked_or_run(string what, string reason)
    {
        var executor = new ScriptedExecutor(_ => Runs.Passed("test_it"));
        using var scene = what == "sandbox"
            ? new WorkScene(executor, fixture.Sandbox, 4_096, false, new("none", null, [], "It is missing."))
            : Snippet(executor);
        var order = Order(scene);
        order = what switch
        {
            "language" => order with { Language = "cobol" },
            "model" => order with { RequestedModel = "other", ModelRequired = true },
            "limits" => order with { TimeoutMs = 600_001 },
            _ => order,
        };
        if (what == "tests")
        {
            scene.Spoil(order.AcceptanceCheck!.Files![0].Sha256);
        }
        else if (what == "missing")
        {
            order = order with { AcceptanceCheck = order.AcceptanceCheck! with { Files = [new("test_it.py", new('0', 64))] } };
        }

        Assert.Equal(new WorkOutcome.GivenBack(reason), await scene.RunAsync(order));
        Assert.Empty(executor.Requests);
        Assert.Empty(scene.Client.Calls);
    }

    [Fact]
    public async Task A_requested_model_that_is_not_demanded_is_replaced_and_the_one_that_ran_is_told()
    {
        using var scene = Snippet(new ScriptedExecutor(_ => Runs.Passed("test_it")), Plan, ScriptedReply.Fenced(Good));

        Assert.Equal("coder:1b", Assert.IsType<WorkOutcome.Done>(await scene.RunAsync(Order(scene) with { RequestedModel = "other" })).Model.ModelId);
    }

    [Fact]
    public async Task A_sandbox_that_fails_meanwhile_gives_the_lease_back()
    {
        using var scene = Snippet(new ScriptedExecutor(_ => Runs.ExitedZero() with { Ok = false, QueueReason = Protocol.Runs.QueueReason.SandboxUnavailable, Stderr = "gone" }), Plan, ScriptedReply.Fenced(Good));

        Assert.Equal(new WorkOutcome.GivenBack(ReleaseReasons.Sandbox), await scene.RunAsync(Order(scene)));
    }

    [Fact]
    public async Task Text_work_is_one_answer_without_its_thinking_and_runs_nothing()
    {
        var executor = new ScriptedExecutor(_ => throw new InvalidOperationException("run"));
        using var scene = Snippet(executor, "<think>secret plan</think>\nThe answer is 4.");

        var done = Assert.IsType<WorkOutcome.Done>(await scene.RunAsync(WorkerBench.Order("s-1", "what is 2 + 2?", SubtaskKind.SingleStep)));

        Assert.Equal((true, "The answer is 4.", null), (done.Ok, done.Output, done.Sandbox));
        Assert.Single(scene.Client.Calls);
    }

    [Fact]
    public async Task Text_that_does_not_fit_the_window_is_refused_before_it_is_sent()
    {
        using var scene = Snippet(new ScriptedExecutor(_ => Runs.Passed()));

        var done = Assert.IsType<WorkOutcome.Done>(await scene.RunAsync(WorkerBench.Order("s-1", new string('x', 20_000), SubtaskKind.SingleStep)));

        Assert.Equal((false, "model_limit"), (done.Ok, done.EscalationReason));
        Assert.Empty(scene.Client.Calls);
    }

    [Fact]
    public async Task A_repository_change_is_a_patch_that_applies_to_the_snapshot()
    {
        using var project = SampleRepositories.PythonDates();
        using var scene = Repository(
            Plan,
            ScriptedReply.NativeCall("read_file", """{"path": "dates.py"}"""),
            ScriptedReply.NativeCall("edit_file", JsonSerializer.Serialize(new { path = "dates.py", old_string = "    year, month, day", new_string = "    if \"W\" in text:\n        return datetime.datetime.strptime(text, \"%G-W%V-%u\").date()\n    year, month, day" })),
            "parse_date accepts week dates; the tests pass.");
        var (order, snapshot) = Change(scene, project);

        var outcome = await scene.RunAsync(order);

        var done = Assert.IsType<WorkOutcome.Done>(outcome);
        Assert.True(done.Ok, done.Error);
        Assert.Null(done.Output);
        Assert.Equal((2, 2), (done.Tests!.Run, done.Tests.Passed));
        using var clean = new TemporaryDirectory();
        SnapshotArchive.Unpack(new MemoryStream(snapshot), clean["tree"], null, null, TestContext.Current.CancellationToken);
        Assert.Null(SnapshotPatch.Apply(done.Patch!, clean["tree"]).Fault);
        Assert.Contains("strptime", File.ReadAllText(Path.Combine(clean["tree"], "dates.py")), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(scene.Attempts));
    }

    [Fact]
    public async Task A_protected_file_is_never_changed()
    {
        using var project = SampleRepositories.PythonDates();
        using var scene = Repository(
            Plan,
            ScriptedReply.NativeCall("read_file", """{"path": "tests/test_dates.py"}"""),
            ScriptedReply.NativeCall("edit_file", JsonSerializer.Serialize(new { path = "tests/test_dates.py", old_string = "2024-W09-4", new_string = "2024-02-29" })),
            "The test is changed.", "I cannot do it.", "I cannot do it.", "I cannot do it.");
        var (order, _) = Change(scene, project);

        var done = Assert.IsType<WorkOutcome.Done>(await scene.RunAsync(order));

        Assert.False(done.Ok);
        Assert.DoesNotContain("test_dates.py", Encoding.UTF8.GetString(done.Patch!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_that_is_not_what_its_digest_says_is_not_worked_on()
    {
        using var project = SampleRepositories.PythonDates();
        using var scene = Repository();
        var (order, _) = Change(scene, project);
        scene.Spoil(order.SnapshotDigest!);

        Assert.Equal(new WorkOutcome.GivenBack(ReleaseReasons.Snapshot), await scene.RunAsync(order));
        Assert.Equal(new WorkOutcome.GivenBack(ReleaseReasons.Snapshot), await scene.RunAsync(order with { SnapshotDigest = null }));
        Assert.Empty(scene.Client.Calls);
    }

    [Theory]
    [InlineData("tests/[a]*.py", "tests/\\[a]\\*.py")]
    [InlineData("a{b,c}.py", "a?b,c?.py")]
    public void A_protected_path_is_matched_by_its_own_letters(string path, string glob) => Assert.Equal(glob, RepositoryChangeWork.Exactly(path));

    private WorkScene Snippet(ScriptedExecutor executor, params IEnumerable<ScriptedReply> replies) => new(executor, fixture.Sandbox, 4_096, false, null, replies);

    private WorkScene Repository(params IEnumerable<ScriptedReply> replies) => new(new ScriptedExecutor(_ => Runs.Passed()), fixture.Sandbox, 16_384, true, null, replies);

    private static SubtaskOrder Order(WorkScene scene) => WorkerBench.Order("s-1", "write a function merge that merges two dictionaries") with
    {
        AcceptanceCheck = new() { Command = ["runner"], TimeoutMs = 5_000, Report = CheckReport.Runner, Files = [new("test_it.py", scene.AddBlob(Tests))] },
    };

    private static (SubtaskOrder Order, byte[] Snapshot) Change(WorkScene scene, SampleRepository project)
    {
        using var packed = new MemoryStream();
        var snapshot = SnapshotArchive.Pack(project.Root, packed, SnapshotSelection.Project);
        var test = File.ReadAllBytes(project["tests/test_dates.py"]);
        var order = WorkerBench.Order("s-1", "make parse_date accept ISO week dates", SubtaskKind.RepoChange) with
        {
            TimeoutMs = 60_000,
            SnapshotDigest = scene.AddBlob(packed.ToArray()),
            AcceptanceCheck = new()
            {
                Command = ["python3", "-m", "unittest"],
                TimeoutMs = 60_000,
                Report = CheckReport.None,
                ProtectedFiles = [new("tests/test_dates.py", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(test)))],
            },
        };
        Assert.Equal(snapshot.Digest, order.SnapshotDigest);
        return (order, packed.ToArray());
    }
}
