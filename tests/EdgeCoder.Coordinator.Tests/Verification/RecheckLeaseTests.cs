using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Audits;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tests.Queue.Running;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;
using Work = (EdgeCoder.Protocol.Leases.Lease Lease, EdgeCoder.Protocol.Leases.SubtaskOrder Order, EdgeCoder.Protocol.Leases.SealedEnvelope Envelope);

namespace EdgeCoder.Coordinator.Tests.Verification;

/// <summary>Verify and audit leases at the real queue (coordinator-and-mesh 5.2 to 5.4; V4, V5). Agents' verdicts are written here; running them is in RecheckWorkTests.</summary>
public sealed class RecheckLeaseTests : IAsyncLifetime
{
    // Fees are of an idle market: load 8,000, quality and model 10,000.
    private RunningQueue queue = null!;

    public async ValueTask InitializeAsync() => queue = await RunningQueue.StartAsync(new QueueOptions { OperatorAccountId = "acct-operator" });

    public ValueTask DisposeAsync() => queue.DisposeAsync();

    [Fact]
    public async Task Agreeing_audit_pays_worker_and_auditor_once_and_counts()
    {
        var worker = await EnrolAsync("worker", "acct-w", cv: 4);
        var auditor = await EnrolAsync("auditor", "acct-a", cv: 7);
        await AuditedAsync(worker, "task-1");
        Assert.Equal(0, (await queue.ChargesAsync("task-1")).Posted);

        var audit = await auditor.WorkAsync();
        Assert.Equal(LeasePurpose.Audit, audit.Lease.Purpose);
        queue.Time.Advance(TimeSpan.FromSeconds(3));
        var report = auditor.Report(audit, output: Verdict(auditor, audit, VerdictKind.Accepted));
        await auditor.PostAsync(report);
        Assert.True((await auditor.PostAsync(report)).Duplicate);

        var posted = (await queue.ChargesAsync("task-1")).Posted;
        Assert.True(posted > 0);
        Assert.Equal(0, (await queue.ChargesAsync("task-1")).Reserved);
        Assert.Equal(posted, await BalanceAsync("acct-w"));
        Assert.Equal(2_400, await BalanceAsync("acct-a"));
        Assert.Equal(-2_400, await BalanceAsync("ops:coord-test"));
        Assert.Equal((5, 7), (await CvAsync("worker"), await CvAsync("auditor")));
        Assert.Equal("closed", await queue.ReadAsync("SELECT state FROM results WHERE lease_id = $1", audit.Order.Subject!.LeaseId));
        await NothingHeldAsync();
    }

    [Fact]
    public async Task Audit_goes_to_nobody_of_worker_verifier_or_requester_and_explain_says_owner_conflict()
    {
        var worker = await EnrolAsync("worker", "acct-w");
        TestAgent[] parties = [worker, await EnrolAsync("workers-other", "acct-w"), await EnrolAsync("requesters", RunningQueue.Account), await EnrolAsync("operators", "acct-operator")];
        await AuditedAsync(worker, "task-1");
        foreach (var party in parties)
        {
            var answer = await party.PullAsync();
            Assert.Empty(answer.Assignments);
            Assert.Equal(ExclusionRule.OwnerConflict.Code(), answer.Reason);
        }

        Assert.Equal(LeasePurpose.Audit, (await (await EnrolAsync("stranger", "acct-s")).WorkAfterAsync(queue)).Lease.Purpose);
    }

    [Fact]
    public async Task Lying_verifier_is_overturned_by_two_auditors_when_the_task_has_ended()
    {
        // The operator's own agent worked for somebody else, so an agent of a third owner verifies, and lies.
        queue.Drawing = new AuditDrawing(true, 1);
        var worker = await EnrolAsync("worker", "acct-operator", cv: 9);
        var accepted = await CheckedTaskAsync("task-1");
        await worker.PostAsync(worker.Report(await worker.WorkAsync(), output: "wrong"));
        Assert.Empty((await worker.PullAsync()).Assignments);
        var liar = await EnrolAsync("liar", "acct-liar", cv: 9);
        var verify = await liar.WorkAfterAsync(queue);
        Assert.Equal((LeasePurpose.Verify, "verifying"), (verify.Lease.Purpose, await queue.SubtaskStateAsync(accepted.Subtasks[0])));
        Assert.NotEmpty(verify.Order.AcceptanceCheck!.Overlay!);
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        await liar.PostAsync(liar.Report(verify, output: Verdict(liar, verify, VerdictKind.Accepted)));
        Assert.Equal("completed", await queue.StateAsync("task-1"));
        Assert.Equal(0, await BalanceAsync("acct-liar"));

        TestAgent[] auditors = [await EnrolAsync("auditor-1", "acct-1", cv: 3), await EnrolAsync("auditor-2", "acct-2", cv: 3)];
        for (var i = 0; i < 2; i++)
        {
            var (auditor, audit) = await TakeAsync(auditors);
            queue.Time.Advance(TimeSpan.FromSeconds(2));
            await auditor.PostAsync(auditor.Report(audit, output: Verdict(auditor, audit, VerdictKind.Rejected, VerdictReasons.CheckFailed)));
        }

        Assert.Equal(1, await queue.CountAsync("SELECT audit_overturned FROM tasks WHERE task_id = 'task-1'"));
        Assert.Equal(1, await queue.CountAsync("SELECT COUNT(*) FROM task_events WHERE task_id = 'task-1' AND type = 'audit.overturned'"));
        Assert.Equal(0, (await queue.ChargesAsync("task-1")).Posted);
        Assert.Equal((0, 0, 3, 3), (await CvAsync("worker"), await CvAsync("liar"), await CvAsync("auditor-1"), await CvAsync("auditor-2")));
        Assert.Equal(1, await queue.CountAsync("SELECT COUNT(*) FROM agent_strikes WHERE agent_id = 'worker'"));
        Assert.Equal((0, 1_600, 1_600), (await BalanceAsync("acct-liar"), await BalanceAsync("acct-1"), await BalanceAsync("acct-2")));
        await NothingHeldAsync();
    }

    [Fact]
    public async Task Overturned_in_a_running_task_takes_the_subtask_back_blocks_dependents_and_revokes_their_leases()
    {
        var worker = await EnrolAsync("worker", "acct-w");
        var accepted = await queue.SubmitAsync(RunningQueue.Text("task-1", t => t with
        {
            DataClass = "mesh",
            Plan = TaskPlan.Given,
            Subtasks = [new() { Prompt = "one", Key = "a" }, new() { Prompt = "two", DependsOn = [new("a", 0)] }],
        }));
        await worker.PostAsync(worker.Report(await worker.WorkAsync()));
        await queue.JudgeAsync(VerdictKind.Accepted, VerdictReasons.Ok, audit: true);
        var dependent = await worker.WorkAsync();
        TestAgent[] auditors = [await EnrolAsync("auditor-1", "acct-1"), await EnrolAsync("auditor-2", "acct-2")];
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 2; i++)
        {
            var (auditor, audit) = await TakeAsync(auditors);
            await auditor.PostAsync(auditor.Report(audit, output: Verdict(auditor, audit, VerdictKind.Rejected, VerdictReasons.CheckFailed)));
        }

        Assert.Equal(("queued", "blocked"), (await queue.SubtaskStateAsync(accepted.Subtasks[0]), await queue.SubtaskStateAsync(accepted.Subtasks[1])));
        Assert.Equal("revoked", await queue.ReadAsync("SELECT state FROM leases WHERE lease_id = $1", dependent.Lease.LeaseId));
        Assert.Equal(1, await queue.CountAsync("SELECT attempts FROM subtasks WHERE subtask_id = $1", accepted.Subtasks[0]));
    }

    [Fact]
    public async Task Auditor_outvoted_by_the_second_is_not_paid_and_begins_anew()
    {
        var worker = await EnrolAsync("worker", "acct-w", cv: 4);
        await AuditedAsync(worker, "task-1");
        TestAgent[] auditors = [await EnrolAsync("auditor-1", "acct-1", cv: 5), await EnrolAsync("auditor-2", "acct-2", cv: 5)];
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        var (first, one) = await TakeAsync(auditors);
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        await first.PostAsync(first.Report(one, output: Verdict(first, one, VerdictKind.Rejected, VerdictReasons.CheckFailed)));
        Assert.Equal(0, (await queue.ChargesAsync("task-1")).Posted);
        var (second, two) = await TakeAsync(auditors);
        Assert.NotEqual(first.Id, second.Id);
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        await second.PostAsync(second.Report(two, output: Verdict(second, two, VerdictKind.Accepted)));
        Assert.Equal((5, 0, 5), (await CvAsync("worker"), await CvAsync(first.Id), await CvAsync(second.Id)));
        Assert.Equal((0, 1_600), (await BalanceAsync(first.Facts.OwnerAccountId), await BalanceAsync(second.Facts.OwnerAccountId)));
        Assert.True((await queue.ChargesAsync("task-1")).Posted > 0);
        await NothingHeldAsync();
    }

    [Fact]
    public async Task Vanished_auditor_costs_its_time_and_the_next_one_audits()
    {
        var worker = await EnrolAsync("worker", "acct-w");
        await AuditedAsync(worker, "task-1");
        TestAgent[] auditors = [await EnrolAsync("auditor-1", "acct-1"), await EnrolAsync("auditor-2", "acct-2")];
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        var (gone, lost) = await TakeAsync(auditors);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(61));
        await queue.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal("expired", await queue.ReadAsync("SELECT state FROM leases WHERE lease_id = $1", lost.Lease.LeaseId));
        var (next, audit) = await TakeAsync(auditors);
        Assert.NotEqual(gone.Id, next.Id);

        // What the first one hands in late changes nothing.
        var late = await Assert.ThrowsAsync<Refusal>(() => gone.PostAsync(gone.Report(lost, output: Verdict(gone, lost, VerdictKind.Rejected, VerdictReasons.CheckFailed))));
        Assert.Equal(("lease_not_held", "expired"), (late.Error, late.Reason));
        await next.PostAsync(next.Report(audit, output: Verdict(next, audit, VerdictKind.Accepted)));
        Assert.True((await queue.ChargesAsync("task-1")).Posted > 0);
        await NothingHeldAsync();
    }

    [Fact]
    public async Task Drawn_auditor_that_does_not_ask_loses_its_turn_to_the_next()
    {
        var worker = await EnrolAsync("worker", "acct-w");
        await AuditedAsync(worker, "task-1");
        TestAgent[] auditors = [await EnrolAsync("auditor-1", "acct-1"), await EnrolAsync("auditor-2", "acct-2")];
        queue.Time.Advance(TimeSpan.FromSeconds(2));

        // The draw of a harness verdict is 0: the first by id. The other waits for a minute.
        Assert.Equal(ExclusionRule.NotBefore.Code(), (await auditors[1].PullAsync()).Reason);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(LeasePurpose.Audit, (await auditors[1].WorkAsync()).Lease.Purpose);
    }

    [Fact]
    public async Task Without_a_second_auditor_the_verdict_stands_after_a_day_and_the_first_is_not_paid()
    {
        var worker = await EnrolAsync("worker", "acct-w", cv: 4);
        await AuditedAsync(worker, "task-1");
        var auditor = await EnrolAsync("auditor-1", "acct-1", cv: 5);
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        var audit = await auditor.WorkAsync();
        await auditor.PostAsync(auditor.Report(audit, output: Verdict(auditor, audit, VerdictKind.Rejected, VerdictReasons.CheckFailed)));
        Assert.Empty((await auditor.PullAsync()).Assignments);
        await queue.AdvanceAsync(TimeSpan.FromHours(24));
        Assert.True((await queue.ChargesAsync("task-1")).Posted > 0);
        Assert.Equal((4, 5, 0), (await CvAsync("worker"), await CvAsync("auditor-1"), await BalanceAsync("acct-1")));
        await NothingHeldAsync();
    }

    [Fact]
    public async Task Verdict_of_another_key_result_or_purpose_is_refused_and_the_third_ends_the_lease()
    {
        var worker = await EnrolAsync("worker", "acct-w");
        await AuditedAsync(worker, "task-1");
        var auditor = await EnrolAsync("auditor-1", "acct-1");
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        var audit = await auditor.WorkAsync();
        foreach (var forged in new[]
        {
            Verdict(auditor, audit, VerdictKind.Accepted, key: worker.Key),
            Verdict(auditor, audit, VerdictKind.Accepted, change: r => r with { Output = "another result" }),
            Verdict(auditor, audit with { Lease = audit.Lease with { Purpose = LeasePurpose.Verify } }, VerdictKind.Accepted),
        })
        {
            Assert.Equal("verdict_invalid", (await Assert.ThrowsAsync<Refusal>(() => auditor.PostAsync(auditor.Report(audit, output: forged)))).Error);
            Assert.Equal(0, (await queue.ChargesAsync("task-1")).Posted);
        }

        Assert.Equal("closed", await queue.ReadAsync("SELECT state FROM leases WHERE lease_id = $1", audit.Lease.LeaseId));
        Assert.Equal("waiting", await queue.ReadAsync("SELECT state FROM rechecks"));
        await NothingHeldAsync("ops:coord-test");
    }

    [Fact]
    public async Task Verifier_that_cannot_tell_is_followed_by_another_and_not_paid()
    {
        var worker = await EnrolAsync("worker", "acct-operator");
        var accepted = await CheckedTaskAsync("task-1");
        await worker.PostAsync(worker.Report(await worker.WorkAsync(), output: "code"));
        TestAgent[] verifiers = [await EnrolAsync("verifier-1", "acct-1"), await EnrolAsync("verifier-2", "acct-2")];
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        var (first, one) = await TakeAsync(verifiers);
        await first.PostAsync(first.Report(one, output: Verdict(first, one, VerdictKind.Inconclusive, VerdictReasons.VerifierUnavailable)));
        Assert.Equal("reported", await queue.SubtaskStateAsync(accepted.Subtasks[0]));
        await queue.AdvanceAsync(TimeSpan.FromSeconds(2));
        var (second, two) = await TakeAsync(verifiers);
        Assert.NotEqual(first.Id, second.Id);
        queue.Time.Advance(TimeSpan.FromSeconds(1));
        await second.PostAsync(second.Report(two, output: Verdict(second, two, VerdictKind.Accepted)));
        Assert.Equal("completed", await queue.StateAsync("task-1"));
        Assert.Equal((0, 800), (await BalanceAsync(first.Facts.OwnerAccountId), await BalanceAsync(second.Facts.OwnerAccountId)));
        await NothingHeldAsync();
    }

    private static string Verdict(TestAgent agent, Work work, VerdictKind kind, string reason = VerdictReasons.Ok, SigningKey? key = null, Func<ResultReport, ResultReport>? change = null)
    {
        var subject = work.Order.Subject!;
        var lease = SignedDocument.Read(Convert.FromBase64String(subject.Lease!), MeshJson.Default.Lease)!;
        var report = JsonSerializer.Deserialize(Convert.FromBase64String(subject.Report), MeshJson.Default.ResultReport)!;
        var finding = new RecheckFinding { Kind = kind, Reason = reason, TestsRun = 1, TestsPassed = kind is VerdictKind.Accepted ? 1 : 0 };
        return Encoding.UTF8.GetString(VerdictDocument.Sign(lease, work.Lease.Purpose, (change ?? (r => r))(report), finding, null, agent.Id, key ?? agent.Key, 1, 2).Signed);
    }

    // Accepted by the coordinator, and drawn.
    private async Task AuditedAsync(TestAgent worker, string taskId)
    {
        await queue.SubmitAsync(RunningQueue.Text(taskId, t => t with { DataClass = "mesh" }));
        var work = await worker.WorkAsync();
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        await worker.PostAsync(worker.Report(work));
        await queue.JudgeAsync(VerdictKind.Accepted, VerdictReasons.Ok, audit: true);
    }

    private async Task<TaskAccepted> CheckedTaskAsync(string id)
    {
        var digest = new string('a', 64);
        await queue.HoldAsync(digest);
        var accepted = await queue.SubmitAsync(RunningQueue.Text(id, t => t with
        {
            Kind = SubtaskKind.MicroLoop,
            DataClass = "mesh",
            AcceptanceCheck = new AcceptanceCheck { Command = ["runner"], TimeoutMs = 4_000, Report = CheckReport.Runner, Files = [new("test_a.py", digest)], Overlay = [new("test_b.py", digest)] },
        }));
        await queue.Queue.ConcludeBaselineAsync("b", await queue.Queue.ClaimBaselineAsync("b", RunningQueue.Stop), null, 1, RunningQueue.Stop);
        return accepted;
    }

    private async Task<(TestAgent Agent, Work Work)> TakeAsync(IEnumerable<TestAgent> agents)
    {
        queue.Time.Advance(TimeSpan.FromSeconds(1));
        foreach (var agent in agents)
        {
            if ((await agent.PullAsync()) is { Assignments: [var assignment] })
            {
                return (agent, agent.Open(assignment));
            }
        }

        throw new InvalidOperationException("Nobody got a lease.");
    }

    private async Task<TestAgent> EnrolAsync(string id, string owner, int cv = 0)
    {
        var agent = queue.Enrol(id, owner, facts => facts with { Cv = cv });
        await queue.Writer.WriteAsync(
            batch => batch.TryInsert(new AgentRow
            {
                AgentId = id,
                PublicKeyPem = agent.Key.PublicKey.Pem,
                PublicKeySha256 = agent.Key.PublicKey.SpkiSha256,
                KeyId = agent.Key.PublicKey.KeyId,
                OwnerAccountId = owner,
                RewardAccountId = owner,
                EnrolledBy = "test",
                Os = "linux",
                ProgramVersion = "1",
                Mode = "swarm-only",
                ClientType = "edgecoder-native",
                LocalModelProvider = "edgecoder-local",
                MaxConcurrentTasks = 4,
                SandboxMode = "namespaces",
                Integrity = "unverified",
                BoundAtMs = 0,
                UpdatedAtMs = 0,
                Cv = cv,
            }),
            RunningQueue.Stop);
        return agent;
    }

    private async Task<int> CvAsync(string agentId) => (int)await queue.CountAsync("SELECT cv FROM agents WHERE agent_id = $1", agentId);

    private async Task<int> BalanceAsync(string account) => (int)await queue.CountAsync("SELECT COALESCE(SUM(credits_posted - debits_posted), 0) FROM accounts WHERE account_id = $1", account);

    // Every fee and cap was posted or voided.
    private async Task NothingHeldAsync(string account = "") =>
        Assert.Equal(0, await queue.CountAsync("SELECT COALESCE(SUM(debits_pending + credits_pending), 0) FROM accounts WHERE account_id = $1 OR $1 = ''", account));
}

/// <summary>Steps that only these tests take.</summary>
internal static class RecheckSteps
{
    /// <summary>Pulls once the queue has read its agents again.</summary>
    public static Task<Work> WorkAfterAsync(this TestAgent agent, RunningQueue queue)
    {
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        return agent.WorkAsync();
    }
}
