using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Coordinator.Tests.Agents;
using EdgeCoder.Coordinator.Tests.LyingWorkers;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCoder.Coordinator.Tests.SecurityEvents;

/// <summary>Security events come from real traffic (economy-and-ledger 18), and nobody can fill their store or write another's name into it (F23).</summary>
public sealed class SecurityEventTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_this_coordinators_own_run_meets_is_told_once_an_hour_for_each_agent()
    {
        await using var scene = await LyingScene.StartAsync(verifiers: 1);
        var agent = await scene.AgentAsync("worker-1", LyingScene.Liars);
        var check = new AcceptanceCheck
        {
            Command = ["runner"],
            TimeoutMs = 1_000,
            Report = CheckReport.Runner,
            Files = [await scene.FileAsync("test_solution.py", "from solution import total\n\ndef test_two():\n    assert total([1, 2]) == 3\n")],
        };
        foreach (var (task, code) in new[]
        {
            ("refused", "def total(numbers):\n    return eval('3')\n"),
            ("refused-again", "def total(numbers):\n    return eval('4')\n"),
            ("endless", "def total(numbers):\n    while True:\n        pass\n"),
            ("blocked", "import os\n\ndef total(numbers):\n    os.chroot('/')\n"),
            ("honest", "def total(numbers):\n    return sum(numbers)\n"),
        })
        {
            await scene.SubmitAsync(new() { TaskId = task, Prompt = "write a function total", Kind = SubtaskKind.MicroLoop, Plan = TaskPlan.Single, DataClass = "mesh", AcceptanceCheck = check });
            var work = Assert.Single(await agent.PullAsync(30_000, 1, LyingScene.Stop), one => one.Order.TaskId == task);
            Assert.Equal("200", (await LyingTasks.HandInAsync(agent, work, code, report => report)).Outcome);
            await scene.EventAsync(task, "verdict");
            if (task != "honest")
            {
                await scene.OperateAsync($"/tasks/{task}/cancel", []);
            }
        }

        var events = (await scene.ReadAsync("/security/events"))["events"]!.AsArray().Where(e => (string?)e!["source"]!["id"] == "worker-1" && (string?)e["event"] != "behavioral_anomaly_detected").Select(e => $"{e!["level"]} {e["event"]} {e["source"]!["type"]}").Order(StringComparer.Ordinal);
        Assert.Equal(["HIGH sandbox_seccomp_violation agent", "INFO ast_validation_rejection agent", "WARN sandbox_timeout agent"], events);
    }

    [Fact]
    public async Task Refused_requests_are_one_event_an_hour_with_their_counts_and_without_names()
    {
        await using var host = await AgentHost.StartAsync();
        var (security, writer) = (host.Get<SecurityLog>(), host.Get<IStoreWriter>());
        using var tally = new SecurityTally(security, writer, host.Time, NullLogger<SecurityTally>.Instance);
        for (var n = 0; n < 300; n++)
        {
            Assert.False(tally.Count(new(401, "signature_invalid", "")
            {
                Reason = n % 3 == 0 ? "nonce_replayed" : "signature_mismatch",
            }));
            tally.Count(new(429, "agent_rate_limited", ""));
            tally.Count(new(403, "binary_integrity_failed", "") { Reason = "hash_mismatch" });
            tally.Count(new(401, "invalid_admin_token", ""));
            tally.Count(new(404, "task_not_found", ""));
        }

        Assert.Equal(5, await tally.FlushAsync(Stop));
        tally.Count(new(401, "invalid_admin_token", ""));
        tally.Count(new(401, "invalid_api_key", ""));
        Assert.Equal(0, await tally.FlushAsync(Stop));
        Assert.Equal(
            [
                """HIGH auth_rate_limit_hit system {"agent_rate_limited":300,"count":300}""",
                """HIGH binary_integrity_failure system {"count":300,"hash_mismatch":300}""",
                """HIGH invalid_signature system {"count":200,"signature_mismatch":200}""",
                """HIGH replay_attempt system {"count":100,"nonce_replayed":100}""",
                """WARN failed_auth system {"count":300,"invalid_admin_token":300}""",
            ],
            (await ReadAsync(host)).Order(StringComparer.Ordinal));

        // The next hour's event has what came meanwhile, and nothing twice.
        host.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await tally.FlushAsync(Stop));
        Assert.Equal("""WARN failed_auth system {"count":2,"invalid_admin_token":1,"invalid_api_key":1}""", (await ReadAsync(host))[0]);
        host.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await tally.FlushAsync(Stop));
    }

    [Fact]
    public async Task Counts_that_were_not_kept_are_kept_at_the_end_of_the_process()
    {
        await using var host = await AgentHost.StartAsync();
        using var tally = new SecurityTally(host.Get<SecurityLog>(), host.Get<IStoreWriter>(), host.Time, NullLogger<SecurityTally>.Instance);
        await tally.StartAsync(Stop);
        tally.Count(new(401, "invalid_admin_token", ""));
        await tally.StopAsync(Stop);
        Assert.Equal(["""WARN failed_auth system {"count":1,"invalid_admin_token":1}"""], await ReadAsync(host));
    }

    private static async Task<List<string>> ReadAsync(AgentHost host) =>
        [.. (await host.ReadAsync("/security/events"))["events"]!.AsArray().Select(e => $"{e!["level"]} {e["event"]} {e["source"]!["type"]} {e["details"]?.ToJsonString()}")];
}
