using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Coordinator.Audits;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tests.Queue.Running;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Audits;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Work = (EdgeCoder.Protocol.Leases.Lease Lease, EdgeCoder.Protocol.Leases.SubtaskOrder Order, EdgeCoder.Protocol.Leases.SealedEnvelope Envelope);

namespace EdgeCoder.Coordinator.Tests.Verification;

/// <summary>Workers that lie to the real queue, judged by the real pool with the real executor. The lies about the work itself are in EdgeCoder.Agent.Tests.</summary>
public sealed class LyingAtTheQueueTests : IAsyncLifetime
{
    private const string Honest = "def total(numbers):\n    return sum(numbers)\n";
    private const string HardCoded = "def total(numbers):\n    return {(1, 2): 3, (): 0}[tuple(numbers)]\n";
    private const string Visible = "from solution import total\n\ndef test_two():\n    assert total([1, 2]) == 3\n\ndef test_none():\n    assert total([]) == 0\n";
    private const string Hidden = "from solution import total\n\ndef test_hidden():\n    assert total([5, 6, 7]) == 18\n";

    private readonly TemporaryDirectory directory = new();
    private readonly SigningKey key = SigningKey.Generate();
    private CodeExecutor executor = null!;
    private RunningQueue queue = null!;
    private VerifierPool pool = null!;

    public async ValueTask InitializeAsync()
    {
        queue = await RunningQueue.StartAsync();
        var seed = AuditDraw.NewSeed();
        await queue.Writer.WriteAsync(
            batch =>
            {
                batch.Insert(new AuditWindowRow { WindowId = "window-1", Seed = seed, SeedHash = AuditDraw.SeedHash(seed), OpenedAtMs = queue.NowMs, EndsAtMs = queue.NowMs + AuditWindows.LengthMs });
                return true;
            },
            RunningQueue.Stop);
        var isolation = new ExecutorOptions { DataDirectory = directory.Path };
        executor = CodeExecutor.Create(isolation);
        var blobs = queue.Services.GetRequiredService<BlobStore>();
        var recheck = new Recheck { Executor = executor, Sandbox = new ProjectSandbox(isolation), Blobs = new FrozenBlobs(blobs.Open), Scratch = directory["scratch"] };
        var options = new VerificationOptions { Slots = 1 };
        var windows = new AuditWindows(queue.Writer, queue.Services.GetRequiredService<IDbContextFactory<CoordinatorContext>>(), queue.Time);
        pool = new VerifierPool(queue.Queue, new ResultVerifier(recheck, blobs, queue.Writer, options, queue.Time), new VerdictSigner("coord-test", key), windows, options, queue.Time, NullLogger<VerifierPool>.Instance);
        await pool.StartAsync(RunningQueue.Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await pool.StopAsync(CancellationToken.None);
        pool.Dispose();
        await queue.DisposeAsync();
        await executor.DisposeAsync();
        key.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task Honest_work_is_accepted_and_on_probation_held_until_its_audit()
    {
        var agent = queue.Enrol("agent-1", "acct-worker", facts => facts with { Cv = 9 });
        await SubmitAsync("task-1");
        var work = await agent.WorkAsync(30_000);
        Assert.Equal("ok", await HandInAsync(agent, work, Honest));
        Assert.Equal("completed", await queue.StateAsync("task-1"));
        Assert.Equal("audited", await queue.ReadAsync("SELECT state FROM results WHERE lease_id = $1", work.Lease.LeaseId));
        Assert.Equal(0, (await queue.ChargesAsync("task-1")).Posted);
        Assert.Equal(3, await queue.CountAsync("SELECT tests_run FROM verdicts WHERE lease_id = $1", work.Lease.LeaseId));
    }

    [Fact]
    public async Task Perfect_report_about_hard_coded_outputs_is_worth_nothing()
    {
        var agent = queue.Enrol("agent-1", "acct-worker");
        await SubmitAsync("task-1");
        Assert.Equal("check_failed", await HandInAsync(agent, await agent.WorkAsync(30_000), HardCoded));
        Assert.Equal(0, (await queue.ChargesAsync("task-1")).Posted);
        Assert.NotEqual("completed", await queue.StateAsync("task-1"));
    }

    [Fact]
    public async Task Another_tasks_code_is_judged_by_this_tasks_check()
    {
        var agent = queue.Enrol("agent-1", "acct-worker");
        await SubmitAsync("task-1");
        Assert.Equal("check_failed", await HandInAsync(agent, await agent.WorkAsync(30_000), "def greet(name):\n    return 'hello ' + name\n"));
    }

    [Fact]
    public async Task Old_result_under_a_new_lease_is_refused_and_changes_nothing()
    {
        var agent = queue.Enrol("agent-1", "acct-worker", facts => facts with { Cv = 9 });
        await SubmitAsync("task-1");
        var first = await agent.WorkAsync(30_000);
        var old = Report(agent, first, Honest);
        await agent.PostAsync(old);
        await VerdictAsync(first.Lease.LeaseId);

        var second = (await SubmitAsync("task-2")).Subtasks[0];
        var work = await agent.WorkAsync(30_000);

        // The very bytes again: nothing happens twice, and nothing happens to the new lease.
        var charges = await queue.ChargesAsync("task-1");
        Assert.True((await agent.PostAsync(old)).Duplicate);
        Assert.Equal(charges, await queue.ChargesAsync("task-1"));

        // With the new lease's name on it: what was sealed and signed for the old one opens nowhere else.
        await Assert.ThrowsAsync<Refusal>(() => agent.PostAsync(old with { LeaseId = work.Lease.LeaseId, SubtaskId = work.Order.Id, TaskId = work.Order.TaskId }));

        // Sealed anew with the old signature: that names the old lease.
        var signature = Clear(agent, first, Honest).ReportSignature;
        var resealed = agent.Report(work, output: Honest, change: report => report with { ReportSignature = signature });
        Assert.Equal("report_signature_invalid", (await Assert.ThrowsAsync<Refusal>(() => agent.PostAsync(resealed))).Error);
        Assert.Equal("leased", await queue.SubtaskStateAsync(second));
        Assert.Equal(0, await queue.CountAsync("SELECT COUNT(*) FROM results WHERE lease_id = $1", work.Lease.LeaseId));
    }

    [Fact]
    public async Task Lease_of_another_agent_cannot_be_reported_whatever_name_is_on_it()
    {
        var (holder, thief) = (queue.Enrol("agent-1", "acct-worker"), queue.Enrol("agent-2", "acct-thief"));
        var subtask = (await SubmitAsync("task-1")).Subtasks[0];
        var work = await holder.WorkAsync(30_000);

        // In its own name, and in the holder's with its own key.
        foreach (var report in new[] { Report(thief, work, Honest), Report(thief, work, Honest) with { AgentId = holder.Id } })
        {
            var refusal = await Assert.ThrowsAsync<Refusal>(() => thief.PostAsync(report));
            Assert.Equal(("lease_not_held", "unknown"), (refusal.Error, refusal.Reason));
        }

        // Through the holder's own session, signed by the thief.
        var forged = Report(holder, work, Honest, report => report with { ReportSignature = ReportSignature.Sign(report with { ResultDigest = ResultDigest.Of(report) }, thief.Key) });
        Assert.Equal("report_signature_invalid", (await Assert.ThrowsAsync<Refusal>(() => holder.PostAsync(forged))).Error);
        Assert.Equal("leased", await queue.SubtaskStateAsync(subtask));
        Assert.Equal(0, await queue.CountAsync("SELECT COUNT(*) FROM results"));

        // The holder is not harmed by any of it.
        Assert.Equal("ok", await HandInAsync(holder, work, Honest));
    }

    [Fact]
    public async Task Check_that_passes_on_a_stub_fails_the_task_before_any_lease()
    {
        var agent = queue.Enrol("agent-1", "acct-worker");
        await SubmitAsync("task-1", visible: "def test_nothing():\n    assert True\n", hidden: "def test_more():\n    assert True\n");
        while (await queue.StateAsync("task-1") != "failed")
        {
            await Task.Yield();
        }

        Assert.Equal(BaselineFailures.AlreadyPasses, await queue.ReadAsync("SELECT state_reason FROM tasks WHERE task_id = 'task-1'"));
        Assert.Empty((await agent.PullAsync()).Assignments ?? []);
    }

    private static ResultReport Report(TestAgent agent, Work work, string code, Func<ResultReport, ResultReport>? change = null) =>
        agent.Report(work, output: code, change: report => (change ?? (same => same))(Clear(report)));

    private static ResultReport Clear(TestAgent agent, Work work, string code)
    {
        ResultReport clear = null!;
        agent.Report(work, output: code, change: report => clear = Clear(report));
        clear = clear with { ResultDigest = ResultDigest.Of(clear) };
        return clear with { ReportSignature = ReportSignature.Sign(clear, agent.Key) };
    }

    // What every liar says about itself.
    private static ResultReport Clear(ResultReport report) => report with { DurationMs = 3_600_000, TestReport = new TestCounts(99, 99, 0, 0), Model = new ModelClaim("huge:999b", null) };

    private async Task<string> HandInAsync(TestAgent agent, Work work, string code)
    {
        await agent.PostAsync(Report(agent, work, code));
        return await VerdictAsync(work.Lease.LeaseId);
    }

    private async Task<string> VerdictAsync(string leaseId)
    {
        while (true)
        {
            RunningQueue.Stop.ThrowIfCancellationRequested();
            if (await queue.ReadAsync("SELECT reason_code FROM verdicts WHERE lease_id = $1", leaseId) is { } reason)
            {
                return reason;
            }

            await Task.Yield();
        }
    }

    private async Task<TaskAccepted> SubmitAsync(string id, string visible = Visible, string hidden = Hidden) => await queue.SubmitAsync(RunningQueue.Text(id, task => task with
    {
        Kind = SubtaskKind.MicroLoop,
        DataClass = "mesh",
        AcceptanceCheck = new AcceptanceCheck
        {
            Command = ["runner"],
            TimeoutMs = 30_000,
            Report = CheckReport.Runner,
            Files = [new("test_solution.py", Put(visible))],
            Overlay = [new("test_hidden.py", Put(hidden))],
        },
    }));

    private string Put(string text)
    {
        var digest = queue.Services.GetRequiredService<BlobStore>().PutBytesAsync(System.Text.Encoding.UTF8.GetBytes(text), RunningQueue.Stop).GetAwaiter().GetResult();
        queue.HoldAsync(digest).GetAwaiter().GetResult();
        return digest;
    }
}
