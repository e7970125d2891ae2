using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tests.LyingWorkers;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;
using EdgeCoder.TestKit.Agents;
using EdgeCoder.TestKit.Processes;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Behaviour;

/// <summary>A whole coordinator with agents over HTTP, whose verifier is the test: outputs that begin with "good" are accepted, those that begin with "text" cannot be told. Leases take what the test says.</summary>
public sealed class TrafficScene : IAsyncLifetime
{
    private int _tasks;

    internal LyingScene Scene { get; private set; } = null!;

    internal IServiceProvider Services => Scene.Role.Services;

    private ITaskQueue Queue => Services.GetRequiredService<ITaskQueue>();

    public async ValueTask InitializeAsync() => Scene = await LyingScene.StartAsync(verifiers: 0);

    public ValueTask DisposeAsync() => Scene.DisposeAsync();

    /// <summary>An agent of an owner of its own, with leases of as many tasks of their own.</summary>
    internal async Task<(ScriptedAgent Agent, IReadOnlyList<OpenedWork> Work)> BusyAsync(string id, int leases)
    {
        var agent = await Scene.AgentAsync(id, LyingScene.Liars);
        return (agent, await LeaseAsync(agent, leases));
    }

    /// <summary>Leases for new tasks: tasks of others that wait again are not due while the clock stands.</summary>
    internal async Task<IReadOnlyList<OpenedWork>> LeaseAsync(ScriptedAgent agent, int leases)
    {
        for (var n = 0; n < leases; n++)
        {
            var id = $"task-{Interlocked.Increment(ref _tasks)}";
            await Scene.SubmitAsync(new() { TaskId = id, Prompt = $"Say what {id} is.", Kind = SubtaskKind.SingleStep, Plan = TaskPlan.Single, DataClass = "mesh" });
        }

        List<OpenedWork> all = [];
        while (all.Count < leases)
        {
            all.AddRange(await agent.WorkAsync(leases - all.Count, LyingScene.Stop));
        }

        return all;
    }

    /// <summary>Reports and judges, one after another.</summary>
    internal async Task<long> HandInAsync(ScriptedAgent agent, IEnumerable<OpenedWork> work, Func<int, string> output, bool ok = true, bool audit = false)
    {
        var n = 0;
        foreach (var one in work)
        {
            var text = output(n++);
            Assert.Equal("200", (await agent.ReportAsync(one, report => report with { Ok = ok, Output = text }, LyingScene.Stop)).Outcome);
            await JudgeAsync(audit);
        }

        return n;
    }

    /// <summary>Judges the next result.</summary>
    internal async Task JudgeAsync(bool audit = false)
    {
        var job = await Queue.ClaimVerificationAsync("the-test", LyingScene.Stop);
        var finding = job.Report.Ok is false ? new CheckFinding { Kind = VerdictKind.Rejected, Reason = VerdictReasons.AgentReportedFailure }
            : job.Report.Output!.StartsWith("text", StringComparison.Ordinal) ? new CheckFinding { Kind = VerdictKind.Inconclusive, Reason = VerdictReasons.NotRerunnable }
            : job.Report.Output.StartsWith("good", StringComparison.Ordinal) ? new CheckFinding { Kind = VerdictKind.Accepted, Reason = VerdictReasons.Ok }
            : new CheckFinding { Kind = VerdictKind.Rejected, Reason = VerdictReasons.CheckFailed };
        var (verdict, signed) = Services.GetRequiredService<VerdictSigner>().Sign(job, finding, 0, 0);
        Assert.True(await Queue.ConcludeAsync("the-test", new(verdict, signed, audit), LyingScene.Stop));
    }

    /// <summary>An agent's own verdict about what an audit lease shows it.</summary>
    internal static Task<AgentAnswer> RefuteAsync(ScriptedAgent agent, OpenedWork work)
    {
        var lease = SignedDocument.Read(Convert.FromBase64String(work.Order.Subject!.Lease!), MeshJson.Default.Lease)!;
        var judged = JsonSerializer.Deserialize(Convert.FromBase64String(work.Order.Subject.Report), MeshJson.Default.ResultReport)!;
        var finding = new RecheckFinding { Kind = VerdictKind.Rejected, Reason = VerdictReasons.CheckFailed, TestsRun = 1 };
        var verdict = Encoding.UTF8.GetString(VerdictDocument.Sign(lease, work.Lease.Purpose, judged, finding, null, agent.AgentId, agent.Key, 1, 2).Signed);
        return agent.ReportAsync(work, report => report with { Output = verdict }, LyingScene.Stop);
    }

    /// <summary>What an operator reads of an agent's behaviour.</summary>
    internal Task<JsonNode> BehaviorAsync(string agentId) => Scene.ReadAsync($"/admin/agents/{agentId}/behavior");

    /// <summary>Rules that applied, with their weights.</summary>
    internal async Task<IReadOnlyList<(string Rule, int Weight)>> RulesAsync(string agentId) =>
        [.. (await BehaviorAsync(agentId))["anomalies"]!.AsArray().Select(a => (((string)a!["ruleId"]!).Split(' ')[0], (int)a["weight"]!)).Where(a => a.Item1.StartsWith("BHV", StringComparison.Ordinal)).Order()];

    /// <summary>Looks until something is so, which follows soon by itself.</summary>
    internal static async Task<T> SeenAsync<T>(Func<Task<T>> look, Func<T, bool> isSo)
    {
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            if (await look() is var seen && isSo(seen))
            {
                return seen;
            }

            Assert.True(Stopwatch.GetElapsedTime(began) < ProgramRun.Patience, $"It is still {seen}.");
            await Task.Yield();
        }
    }
}
