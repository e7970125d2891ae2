using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;
using static EdgeCoder.Coordinator.Tests.Queue.Running.RunningQueue;

namespace EdgeCoder.Coordinator.Tests.Queue.Running;

/// <summary>The work rows of coordinator-and-mesh 13 that need a store and a silo.</summary>
public sealed class WorkFailureTests : IAsyncLifetime
{
    private RunningQueue _queue = null!;

    public async ValueTask InitializeAsync() => _queue = await StartAsync();

    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    [Fact]
    public async Task A_sealed_lease_takes_no_plain_result_and_the_third_malformed_one_ends_the_attempt()
    {
        var agent = _queue.Enrol("agent-1");
        var accepted = await _queue.SubmitAsync(Text("task-1"));
        var work = await agent.WorkAsync();
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal("leased", await _queue.SubtaskStateAsync(accepted.Subtasks[0]));
            var plain = agent.Report(work) with { EncryptedPayload = null, ResponseNonce = null, Ok = true, Output = "hello" };
            Assert.Equal("plaintext_not_allowed", (await Assert.ThrowsAsync<Refusal>(() => agent.PostAsync(plain))).Error);
        }

        Assert.Equal("queued", await _queue.SubtaskStateAsync(accepted.Subtasks[0]));
        Assert.Equal("malformed_result", await _queue.ReadAsync("SELECT state_reason FROM subtasks"));
    }

    [Theory]
    [InlineData("task_id_mismatch")]
    [InlineData("snapshot_mismatch")]
    [InlineData("check_mismatch")]
    [InlineData("result_digest_mismatch")]
    [InlineData("report_signature_invalid")]
    public async Task One_wrong_member_of_a_report_is_refused_with_its_code(string code)
    {
        var agent = _queue.Enrol("agent-1");
        var accepted = await _queue.SubmitAsync(Text("task-1"));
        var work = await agent.WorkAsync();
        var report = agent.Report(work, change: r => code switch
        {
            "task_id_mismatch" => r with { TaskId = "task-2" },
            "snapshot_mismatch" => r with { SnapshotDigest = new string('a', 64) },
            "check_mismatch" => r with { CheckDigest = new string('b', 64) },
            "result_digest_mismatch" => r with { ResultDigest = new string('c', 64) },
            _ => r with { ReportSignature = Convert.ToBase64String(new byte[64]) },
        });
        Assert.Equal(code, (await Assert.ThrowsAsync<Refusal>(() => agent.PostAsync(report))).Error);
        Assert.Equal("leased", await _queue.SubtaskStateAsync(accepted.Subtasks[0]));
        Assert.Equal(SubtaskState.Reported, (await agent.PostAsync(agent.Report(work))).State);
    }

    [Fact]
    public async Task What_an_agent_reports_about_itself_changes_no_payment()
    {
        var agent = _queue.Enrol("agent-1", "acct-worker");
        await _queue.AdvanceAsync(TimeSpan.FromSeconds(1));
        await _queue.SubmitAsync(Text("task-1", t => t with { DataClass = "mesh" }));
        var work = await agent.WorkAsync();
        _queue.Time.Advance(TimeSpan.FromSeconds(2));
        await agent.PostAsync(agent.Report(work, change: r => r with { DurationMs = -1_000_000_000_000, TestReport = new(9, 9, 0, 0), Model = new("huge:999b", null) }));
        await _queue.JudgeAsync(VerdictKind.Inconclusive, VerdictReasons.NotRerunnable);
        Assert.Equal(1000, (await _queue.ChargesAsync("task-1")).Posted);
    }

    [Fact]
    public async Task A_subtask_waits_for_its_baseline_before_any_lease()
    {
        var agent = _queue.Enrol("agent-1");
        await _queue.HoldAsync(new string('a', 64));
        await _queue.SubmitAsync(Snippet("task-1"));
        Assert.Empty((await agent.PullAsync()).Assignments);
        var job = await _queue.Queue.ClaimBaselineAsync("verifier-1", Stop);
        await _queue.Queue.ConcludeBaselineAsync("verifier-1", job, null, 3, Stop);
        Assert.Single((await agent.PullAsync()).Assignments);
    }

    [Theory]
    [InlineData("acceptance_check_already_passes")]
    [InlineData("acceptance_check_flaky")]
    public async Task A_check_that_is_no_check_reaches_no_worker_and_fails_the_task(string code)
    {
        await _queue.HoldAsync(new string('a', 64));
        await _queue.SubmitAsync(Snippet("task-1"));
        var job = await _queue.Queue.ClaimBaselineAsync("verifier-1", Stop);
        await _queue.Queue.ConcludeBaselineAsync("verifier-1", job, code, 0, Stop);
        Assert.Equal("failed", await _queue.StateAsync("task-1"));
        Assert.Equal(code, await _queue.ReadAsync("SELECT state_reason FROM tasks"));
        Assert.Equal(0, (await _queue.ChargesAsync("task-1")).Reserved);
    }

    [Fact]
    public async Task Output_without_a_check_is_labelled_unverified_and_rejected_output_releases_nothing()
    {
        var agent = _queue.Enrol("agent-1");
        var accepted = await _queue.SubmitAsync(Text("task-1", t => t with
        {
            Plan = TaskPlan.Given,
            MaxAttempts = 1,
            Subtasks = [new() { Prompt = "first" }, new() { Prompt = "second", DependsOn = [new(null, 0)] }],
        }));
        await agent.PostAsync(agent.Report(await agent.WorkAsync(), ok: false));
        await _queue.JudgeAsync(VerdictKind.Rejected, VerdictReasons.AgentReportedFailure);
        Assert.Equal("blocked", await _queue.SubtaskStateAsync(accepted.Subtasks[1]));
        await _queue.Queue.ResumeEscalatedAsync(accepted.Subtasks[0], "try harder", Stop);
        Assert.Equal("running", await _queue.StateAsync("task-1"));
        var again = await agent.WorkAsync();
        Assert.Contains("try harder", again.Order.Input);
        await agent.PostAsync(agent.Report(again));
        await _queue.JudgeAsync(VerdictKind.Inconclusive, VerdictReasons.NotRerunnable);
        Assert.Equal("queued", await _queue.SubtaskStateAsync(accepted.Subtasks[1]));
        Assert.Equal(1, await _queue.CountAsync("SELECT unverified FROM tasks"));
    }

    [Fact]
    public async Task A_candidate_is_verified_like_any_result_and_nobody_is_paid()
    {
        var agent = _queue.Enrol("agent-1");
        var accepted = await _queue.SubmitAsync(Text("task-1", t => t with { MaxAttempts = 1 }));
        await agent.PostAsync(agent.Report(await agent.WorkAsync(), ok: false));
        await _queue.JudgeAsync(VerdictKind.Rejected, VerdictReasons.AgentReportedFailure);
        await _queue.Queue.OfferCandidateAsync(accepted.Subtasks[0], "written by a person", "human:ann", Stop);
        await _queue.JudgeAsync(VerdictKind.Accepted, VerdictReasons.Ok, audit: true);
        Assert.Equal("completed", await _queue.StateAsync("task-1"));
        Assert.Equal(0, (await _queue.ChargesAsync("task-1")).Posted);
        Assert.Equal(0, (await _queue.ChargesAsync("task-1")).Reserved);
    }

    [Fact]
    public async Task Inconclusive_verdicts_go_to_two_further_verifiers_and_then_close_without_fault()
    {
        var agent = _queue.Enrol("agent-1");
        var accepted = await _queue.SubmitAsync(Text("task-1"));
        await agent.PostAsync(agent.Report(await agent.WorkAsync()));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(i, (await _queue.JudgeAsync(VerdictKind.Inconclusive, VerdictReasons.VerifierTimeout)).Inconclusive);
        }

        Assert.Equal("queued", await _queue.SubtaskStateAsync(accepted.Subtasks[0]));
        Assert.Equal(0, await _queue.CountAsync("SELECT attempts FROM subtasks"));
        Assert.Equal(0, (await _queue.ChargesAsync("task-1")).Posted);
    }

    [Fact]
    public async Task An_audited_attempt_is_unpaid_until_the_audit_ends()
    {
        var agent = _queue.Enrol("agent-1", "acct-worker");
        await _queue.SubmitAsync(Text("task-1", t => t with { DataClass = "mesh" }));
        var work = await agent.WorkAsync();
        _queue.Time.Advance(TimeSpan.FromSeconds(2));
        await agent.PostAsync(agent.Report(work));
        await _queue.JudgeAsync(VerdictKind.Accepted, VerdictReasons.Ok, audit: true);
        Assert.Equal("completed", await _queue.StateAsync("task-1"));
        Assert.Equal(0, (await _queue.ChargesAsync("task-1")).Posted);
        Assert.True((await _queue.ChargesAsync("task-1")).Reserved > 0);
        await _queue.AdvanceAsync(TimeSpan.FromHours(24));
        Assert.True((await _queue.ChargesAsync("task-1")).Posted > 0);
        Assert.Equal(0, (await _queue.ChargesAsync("task-1")).Reserved);
    }

    [Fact]
    public async Task A_verifier_that_dies_loses_its_claim_to_the_next()
    {
        var agent = _queue.Enrol("agent-1");
        await _queue.SubmitAsync(Text("task-1"));
        await agent.PostAsync(agent.Report(await agent.WorkAsync()));
        var dead = await _queue.Queue.ClaimVerificationAsync("dead", Stop);
        Assert.True(await _queue.Queue.RenewVerificationAsync("dead", dead.Lease.LeaseId, Stop));
        _queue.Time.Advance(TimeSpan.FromSeconds(61));
        var next = await _queue.Queue.ClaimVerificationAsync("next", Stop);
        Assert.Equal(dead.Lease.LeaseId, next.Lease.LeaseId);
        Assert.False(await _queue.Queue.RenewVerificationAsync("dead", dead.Lease.LeaseId, Stop));
        Assert.False(await _queue.Queue.ConcludeAsync("dead", _queue.Conclusion(dead, VerdictKind.Rejected, VerdictReasons.CheckFailed), Stop));
        Assert.True(await _queue.Queue.ConcludeAsync("next", _queue.Conclusion(next, VerdictKind.Inconclusive, VerdictReasons.NotRerunnable), Stop));
    }

    [Fact]
    public async Task Slots_are_obeyed_by_pulls_side_by_side()
    {
        var agent = _queue.Enrol("agent-1", change: a => a with { DeclaredSlots = 2 });
        for (var i = 0; i < 6; i++)
        {
            await _queue.SubmitAsync(Text($"task-{i}"));
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => agent.PullAsync()));
        Assert.Equal(2, answers.Sum(a => a.Assignments.Count));
        Assert.Contains(answers, a => a.Reason is "slots");
    }

    [Fact]
    public async Task Withdrawn_approval_revokes_leases()
    {
        var agent = _queue.Enrol("agent-1");
        var accepted = await _queue.SubmitAsync(Text("task-1"));
        var work = await agent.WorkAsync();
        await _queue.Queue.AgentChangedAsync("agent-1", true, "approval_withdrawn", Stop);
        Assert.Equal("revoked", (await Assert.ThrowsAsync<Refusal>(() => agent.PostAsync(agent.Report(work)))).Reason);
        Assert.Equal("queued", await _queue.SubtaskStateAsync(accepted.Subtasks[0]));
        _queue.Change(agent, a => a with { Status = AgentStatus.PendingApproval });
        Assert.Equal("agent_pending_approval", (await agent.PullAsync()).Reason);
    }

    [Fact]
    public async Task What_is_refused_stores_and_reserves_nothing()
    {
        await RefusedAsync("data_class_local_not_submittable", Text("task-1", t => t with { DataClass = "local" }));
        await RefusedAsync("validation_failed", Text("x"));
        await RefusedAsync("dependency_cycle", Text("task-1", t => t with { Plan = TaskPlan.Given, Subtasks = [new() { Prompt = "a", Key = "a", DependsOn = [new("b", 0)] }, new() { Prompt = "b", Key = "b", DependsOn = [new("a", 0)] }] }));
        await RefusedAsync("unknown_dependency", Text("task-1", t => t with { Plan = TaskPlan.Given, Subtasks = [new() { Prompt = "a", DependsOn = [new(null, 7)] }] }));
        await RefusedAsync("account_forbidden", Text("task-1", t => t with { SubmitterAccountId = "acct-other" }));
        await RefusedAsync("account_required", Text("task-1"), new() { Kind = CallerKinds.Submitter, Name = "key" });
        await RefusedAsync("tenant_forbidden", Text("task-1", t => t with { TenantId = "tenant-x" }));
        await RefusedAsync("acceptance_check_unavailable", Snippet("task-1"));
        await RefusedAsync("snapshot_unavailable", Text("task-1", t => t with { SnapshotRef = "sha256:" + new string('a', 64) }));
        Assert.Equal(0, await _queue.CountAsync("SELECT COUNT(*) FROM tasks"));
        Assert.Equal(0, await _queue.CountAsync("SELECT COUNT(*) FROM task_charges"));
    }

    [Fact]
    public async Task The_secret_of_a_lease_is_erased_a_day_after_its_end()
    {
        var agent = _queue.Enrol("agent-1");
        await _queue.SubmitAsync(Text("task-1"));
        await agent.PostAsync(agent.Report(await agent.WorkAsync()));
        await _queue.AdvanceAsync(TimeSpan.FromHours(23));
        Assert.Equal(1, await _queue.CountAsync("SELECT COUNT(*) FROM leases WHERE exporter_secret IS NOT NULL"));
        await _queue.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal(0, await _queue.CountAsync("SELECT COUNT(*) FROM leases WHERE exporter_secret IS NOT NULL"));
    }

    private static TaskSubmission Snippet(string id) => new()
    {
        TaskId = id,
        Prompt = "Write add(a, b).",
        Plan = TaskPlan.Single,
        AcceptanceCheck = new() { Command = ["runner"], Report = CheckReport.Runner, TimeoutMs = 5000, Files = [new("test_add.py", new string('a', 64))] },
    };

    private async Task RefusedAsync(string code, TaskSubmission task, Caller? caller = null) => Assert.Equal(code, (await Assert.ThrowsAsync<Refusal>(() => _queue.SubmitAsync(task, caller))).Error);
}
