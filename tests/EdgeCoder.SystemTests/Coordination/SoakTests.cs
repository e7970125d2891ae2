using System.Diagnostics;
using System.Globalization;
using System.Text;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;
using Microsoft.Data.Sqlite;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>
/// Work goes on while coordinator, worker and the verifier's sandboxes are killed at random moments; nothing is lost and nothing is paid twice.
/// The short form runs always; EDGECODER_SOAK_TASKS and EDGECODER_SOAK_KILLS make it long.
/// </summary>
public sealed class SoakTests
{
    private static readonly (string Prompt, string Tests)[] Work =
    [
        ("write a function that merges two dictionaries", "assert merge_dicts({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}\\nassert merge_dicts({}, {}) == {}\\n"),
        ("write a function that merges two dictionaries", "assert merge_dicts({'k': 1}, {'k': 2}) == {'k': 2}\\n"),
    ];

    [Fact]
    public async Task Killing_anything_at_any_moment_loses_no_task_and_no_credit()
    {
        var tasks = Number("EDGECODER_SOAK_TASKS", 8);
        var kills = Number("EDGECODER_SOAK_KILLS", 6);
        var seed = Number("EDGECODER_SOAK_SEED", Environment.TickCount);
        TestContext.Current.TestOutputHelper?.WriteLine($"EDGECODER_SOAK_SEED={seed}");
        var random = new Random(seed);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(ProgramRun.Patience + (TimeSpan.FromMinutes(1) * kills));

        await using var coordinator = new RunningCoordinator(selfAgent: false);
        coordinator.Run.Environment["AGENT_RATE_LIMIT_MAX"] = "10000";
        await coordinator.StartAsync(patience.Token);
        await using var worker = new RunningWorker();
        var code = (await coordinator.AskAsync("node", "enroll", "node-soak")).GetProperty("joinCode").GetString()!;
        worker.Run.Environment["MAX_CONCURRENT_TASKS"] = "2";
        worker.Start("join", code);
        await worker.SaysAsync("status", "pending_approval", patience.Token);
        await coordinator.DoAsync("node", "approve", "node-soak");
        var lines = new StringBuilder();
        for (var n = 0; n < tasks; n++)
        {
            var (prompt, tests) = Work[n % Work.Length];
            lines.AppendLine(CultureInfo.InvariantCulture, $$"""{"taskId":"soak-{{n}}","prompt":"{{prompt}}","tests":"{{tests}}","maxAttempts":10}""");
        }

        await coordinator.DoAsync("submit", coordinator.Run.Write("tasks.jsonl", lines.ToString()));

        for (var kill = 0; kill < kills; kill++)
        {
            // Something is going on when a lease begins, or a report was signed or delivered; how many of those pass, and what is killed, is drawn. Each task has three, so
            // that there is always a next one.
            for (var pass = random.Next(2); pass >= 0; pass--)
            {
                await worker.SaysAsync(static said => said is "lease" or "signed" or "result", null, patience.Token);
            }

            switch (random.Next(3))
            {
                case 0:
                    await coordinator.KillAsync();
                    await coordinator.StartAsync(patience.Token);
                    break;
                case 1:
                    await worker.KillAsync();
                    worker.Start("run");
                    break;
                default:
                    ProcessTrees.KillDescendants(coordinator.ProcessId);
                    break;
            }

            if ((await coordinator.AskAsync("status", "--limit", "100")).GetProperty("tasks").EnumerateArray().All(task => task.GetProperty("state").GetString() is "completed" or "failed"))
            {
                break;
            }
        }

        for (var n = 0; n < tasks; n++)
        {
            var end = await coordinator.Run.ToEndAsync("result", $"soak-{n}", "--wait", "--json");
            Assert.True(end.ExitCode == 0, $"soak-{n}: {end}\n--- worker\n{worker.Said}\n--- up\n{coordinator.Errors}");
        }

        await coordinator.KillAsync();
        Assert.Empty(SoakRows.Faults(coordinator.Store, tasks));
    }

    [Theory]
    [InlineData("UPDATE lease_charges SET ended = 0", "neither posted nor returned")]
    [InlineData("UPDATE accounts SET credits_posted = credits_posted + 1 WHERE kind = 'user'", "made or lost")]
    [InlineData("DELETE FROM transfers WHERE phase = 'void'", "neither posted nor voided")]
    [InlineData("DELETE FROM results", "no stored result")]
    [InlineData("UPDATE tasks SET state = 'running'", "not final")]
    [InlineData("UPDATE subtasks SET state = 'queued'", "not accepted")]
    [InlineData("DELETE FROM task_events WHERE sequence = 1", "gap")]
    [InlineData("INSERT INTO verdicts SELECT * FROM (SELECT * FROM verdicts LIMIT 0)", null)]
    public async Task The_check_of_the_rows_sees_each_planted_fault(string plant, string? fault)
    {
        using var directory = new TemporaryDirectory();
        var store = directory["coordinator.db"];
        File.Copy(await FinishedStore.FileAsync(), store);
        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = store, Pooling = false }.ToString()))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = plant;
            command.ExecuteNonQuery();
        }

        var found = SoakRows.Faults(store, 1);
        if (fault is null)
        {
            Assert.Empty(found);
        }
        else
        {
            Assert.Contains(found, told => told.Contains(fault, StringComparison.Ordinal));
        }
    }

    private static int Number(string variable, int standard) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : standard;

    /// <summary>The store after one real task came to its end, made once for all planted faults.</summary>
    private static class FinishedStore
    {
        private static readonly Lazy<Task<string>> File = new(MakeAsync);

        public static Task<string> FileAsync() => File.Value;

        private static async Task<string> MakeAsync()
        {
            await using var coordinator = new RunningCoordinator(selfAgent: true);
            await coordinator.StartAsync(CancellationToken.None);
            var tests = coordinator.Run.Write("tests.py", "assert merge_dicts({'a': 1}, {}) == {'a': 1}\n");
            await coordinator.DoAsync("submit", "write a function that merges two dictionaries", "--tests", tests, "--wait");
            await coordinator.KillAsync();
            var kept = Path.Combine(Directory.CreateTempSubdirectory("edgecoder-soak-").FullName, "finished.db");
            using var source = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = coordinator.Store, Pooling = false }.ToString());
            using var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = kept, Pooling = false }.ToString());
            source.Open();
            copy.Open();
            source.BackupDatabase(copy);
            return kept;
        }
    }
}
