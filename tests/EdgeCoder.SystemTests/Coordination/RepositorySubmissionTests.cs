using EdgeCoder.SystemTests.Repositories;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;
using EdgeCoder.TestKit.Repositories;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>A project is packed and sent, a worker whose model is scripted changes it, the coordinator runs the tests again on a clean copy.</summary>
public sealed class RepositorySubmissionTests(RepositorySubmissionTests.Machine machine) : IClassFixture<RepositorySubmissionTests.Machine>
{
    private const string Request = "make parse_date accept ISO week dates";

    private static CancellationToken Patience => CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(ProgramRun.Patience).Token).Token;

    [Fact]
    public async Task A_verified_patch_comes_back_byte_for_byte_and_applies()
    {
        var coordinator = machine.Answering(RepositoryStage.Plan, RepositoryStage.Read, RepositoryStage.Edit, RepositoryStage.Test, RepositoryStage.Statement);
        using var project = SampleRepositories.PythonDates();
        var done = await SubmitAsync(coordinator, project);
        Assert.True(done.ExitCode == 0, $"{done}\n--- up\n{coordinator.Errors}");
        Assert.StartsWith("diff --git a/dates.py b/dates.py", done.Output, StringComparison.Ordinal);
        Assert.Contains("Verified here", done.Error, StringComparison.Ordinal);

        // The same bytes as a file, as a person would apply them.
        var task = (await coordinator.AskAsync("status")).GetProperty("tasks").EnumerateArray().Single(one => one.GetProperty("state").GetString() == "completed").GetProperty("taskId").GetString()!;
        await coordinator.DoAsync("result", task, "--out", "change.patch");
        var patch = Path.Combine(coordinator.Run.Directory, "change.patch");
        Assert.Equal(await File.ReadAllTextAsync(patch, Patience), done.Output);
        project.Git("apply", patch);
        Assert.Contains("fromisoformat", project.Read("dates.py"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_bends_the_protected_tests_is_not_believed()
    {
        var bend = ScriptedTurn.Call("run_command", new { command = "printf 'import unittest\\n' > tests/test_dates.py" });
        var coordinator = machine.Answering(RepositoryStage.Plan, bend, RepositoryStage.Test, RepositoryStage.Statement);
        using var project = SampleRepositories.PythonDates();
        var done = await SubmitAsync(coordinator, project);
        Assert.True(done.ExitCode == 3, $"{done}\n--- up\n{coordinator.Errors}");
        Assert.DoesNotContain("verdict: accepted", done.Error, StringComparison.Ordinal);
        Assert.Contains("verdict: rejected", done.Error, StringComparison.Ordinal);
        Assert.Empty(done.Output);
    }

    private static Task<ProgramResult> SubmitAsync(RunningCoordinator coordinator, SampleRepository project) =>
        coordinator.Run.ToEndAsync("submit", Request, "--repo", project.Root, "--check", "python3 -m unittest", "--protect", "tests", "--max-attempts", "1", "--wait");

    /// <summary>One <c>edgecoder up</c> for all tests, whose worker has a scripted model.</summary>
    public sealed class Machine : IAsyncLifetime
    {
        private readonly RunningCoordinator _up = new(selfAgent: true);
        private readonly ScriptedModel _model = new() { Id = "scripted" };
        private ScriptedOpenAI? _server;

        /// <inheritdoc/>
        public async ValueTask InitializeAsync()
        {
            _server = await ScriptedOpenAI.StartAsync(_model);
            _up.Run.Write("config/models.json", $$"""{"servers":[{"name":"scripted","address":"{{_server.BaseAddress}}","reach":"this-machine","model":"scripted","contextWindow":16384}]}""");
            _up.Run.Environment["EDGECODER_CONFIG_DIR"] = Path.Combine(_up.Run.Directory, "config");
            _up.Run.Environment["LOCAL_MODEL_PROVIDER"] = "openai-compatible";
            await _up.StartAsync(Patience);
        }

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            await _up.DisposeAsync();
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }
        }

        /// <summary>The machine, whose model answers with these turns from now on.</summary>
        internal RunningCoordinator Answering(params IEnumerable<ScriptedTurn> turns)
        {
            _model.Turns = new(turns);
            return _up;
        }
    }
}
