using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;
using EdgeCoder.TestKit.Processes;
using static EdgeCoder.Coordinator.Tests.Queue.Running.RunningQueue;

namespace EdgeCoder.Coordinator.Tests.Queue.Running;

/// <summary>Lives of tasks from submit to the end, on a real silo and store (coordinator-and-mesh 4, 13 W1–W9).</summary>
public sealed class LifecycleTests : IAsyncLifetime
{
    private RunningQueue _queue = null!;

    public async ValueTask InitializeAsync() => _queue = await StartAsync();

    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    [Fact]
    public async Task An_accepted_result_completes_the_task_and_is_paid_once()
    {
        var agent = _queue.Enrol("agent-1", "acct-worker", a => a with { OwnerAccountId = "acct-worker" });
        await _queue.AdvanceAsync(TimeSpan.FromSeconds(1));
        await _queue.SubmitAsync(Text("task-1", t => t with { DataClass = "mesh" }));
        var work = await agent.WorkAsync();
        _queue.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(SubtaskState.Reported, (await agent.PostAsync(agent.Report(work))).State);
        await _queue.JudgeAsync(VerdictKind.Inconclusive, VerdictReasons.NotRerunnable);

        Assert.Equal("completed", await _queue.StateAsync("task-1"));
        var charges = await _queue.ChargesAsync("task-1");
        Assert.Equal(0, charges.Reserved);
        Assert.Equal(1000, charges.Posted);
        Assert.True((await agent.PostAsync(agent.Report(work))).Duplicate);
        Assert.Equal(charges, await _queue.ChargesAsync("task-1"));
    }

    [Fact]
    public async Task The_same_submission_again_has_no_effect_and_another_with_its_id_is_refused()
    {
        var first = await _queue.SubmitAsync(Text("task-1"));
        var charges = await _queue.ChargesAsync("task-1");
        Assert.Equal(first.Subtasks, (await _queue.SubmitAsync(Text("task-1"))).Subtasks);
        Assert.Equal(charges, await _queue.ChargesAsync("task-1"));
        var refusal = await Assert.ThrowsAsync<Refusal>(() => _queue.SubmitAsync(Text("task-1", t => t with { Prompt = "Another." })));
        Assert.Equal("task_id_conflict", refusal.Error);
    }

    [Fact]
    public async Task A_result_of_one_who_does_not_hold_the_lease_changes_nothing()
    {
        var (holder, other) = (_queue.Enrol("agent-1"), _queue.Enrol("agent-2"));
        var accepted = await _queue.SubmitAsync(Text("task-1"));
        var work = await holder.WorkAsync();
        var before = await _queue.ChargesAsync("task-1");
        var stolen = await Assert.ThrowsAsync<Refusal>(() => other.PostAsync(other.Report(work)));
        Assert.Equal(("lease_not_held", "unknown"), (stolen.Error, stolen.Reason));
        Assert.Equal("leased", await _queue.SubtaskStateAsync(accepted.Subtasks[0]));
        Assert.Equal(before, await _queue.ChargesAsync("task-1"));
        Assert.Equal(0, await _queue.CountAsync("SELECT COUNT(*) FROM results"));
    }

    [Fact]
    public async Task Another_result_for_the_same_lease_is_refused_and_kept_as_evidence()
    {
        var agent = _queue.Enrol("agent-1");
        await _queue.SubmitAsync(Text("task-1"));
        var work = await agent.WorkAsync();
        await agent.PostAsync(agent.Report(work));
        var refusal = await Assert.ThrowsAsync<Refusal>(() => agent.PostAsync(agent.Report(work, output: "other")));
        Assert.Equal("result_conflict", refusal.Error);
    }

    [Fact]
    public async Task A_silent_lease_expires_once_and_goes_to_the_next_agent()
    {
        var (gone, next) = (_queue.Enrol("agent-1"), _queue.Enrol("agent-2"));
        var accepted = await _queue.SubmitAsync(Text("task-1"));
        var work = await gone.WorkAsync();
        await _queue.AdvanceAsync(TimeSpan.FromSeconds(61));
        await _queue.SweepAsync();
        Assert.Equal(1, await _queue.CountAsync("SELECT attempts FROM subtasks WHERE subtask_id = $1", accepted.Subtasks[0]));
        var late = await Assert.ThrowsAsync<Refusal>(() => gone.PostAsync(gone.Report(work)));
        Assert.Equal("expired", late.Reason);
        Assert.Equal(1, (await _queue.Queue.ExtendAsync("agent-1", [], Stop)).Requeued);
        Assert.Equal(0, (await _queue.Queue.ExtendAsync("agent-1", [], Stop)).Requeued);
        await _queue.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(2, (await next.WorkAsync()).Lease.Attempt);
    }

    [Fact]
    public async Task A_long_attempt_with_heartbeats_is_leased_once_up_to_its_hard_deadline()
    {
        var agent = _queue.Enrol("agent-1");
        await _queue.SubmitAsync(Text("task-1"));
        var work = await agent.WorkAsync();
        var hard = work.Lease.HardDeadlineMs;
        while (_queue.NowMs + 40_000 < hard)
        {
            await _queue.AdvanceAsync(TimeSpan.FromSeconds(40));
            var (standing, _) = await _queue.Queue.ExtendAsync("agent-1", [new(work.Lease.LeaseId, 1, null)], Stop);
            Assert.Equal("held", Assert.Single(standing).State);
        }

        Assert.Equal(1, await _queue.CountAsync("SELECT COUNT(*) FROM leases"));
        await _queue.AdvanceAsync(TimeSpan.FromSeconds(45));
        Assert.Equal(1, await _queue.CountAsync("SELECT COUNT(*) FROM leases WHERE state = 'expired'"));
    }

    [Fact]
    public async Task A_lease_that_never_arrived_comes_back_at_no_cost()
    {
        var agent = _queue.Enrol("agent-1");
        var accepted = await _queue.SubmitAsync(Text("task-1"));
        await agent.PullAsync();
        await _queue.AdvanceAsync(TimeSpan.FromSeconds(31));
        await _queue.Queue.ExtendAsync("agent-1", [], Stop);
        Assert.Equal("queued", await _queue.SubtaskStateAsync(accepted.Subtasks[0]));
        Assert.Equal(0, await _queue.CountAsync("SELECT attempts FROM subtasks"));
        Assert.Single((await agent.PullAsync()).Assignments);
    }

    [Fact]
    public async Task A_failing_subtask_stops_at_its_limit_and_escalates()
    {
        var agent = _queue.Enrol("agent-1");
        var accepted = await _queue.SubmitAsync(Text("task-1", t => t with { MaxAttempts = 2 }));
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            await _queue.AdvanceAsync(TimeSpan.FromSeconds(31));
            await agent.PostAsync(agent.Report(await agent.WorkAsync(), ok: false));
            await _queue.JudgeAsync(VerdictKind.Rejected, VerdictReasons.AgentReportedFailure);
        }

        Assert.Equal("rejected", await _queue.SubtaskStateAsync(accepted.Subtasks[0]));
        Assert.Equal("escalated", await _queue.StateAsync("task-1"));
        Assert.Equal(1, await _queue.CountAsync("SELECT COUNT(*) FROM escalations"));
        Assert.Equal(0, (await _queue.ChargesAsync("task-1")).Posted);
    }

    [Fact]
    public async Task Only_accepted_work_releases_what_waits_for_it_and_gives_it_context()
    {
        var agent = _queue.Enrol("agent-1");
        var accepted = await _queue.SubmitAsync(Text("task-1", t => t with
        {
            Plan = TaskPlan.Given,
            Subtasks = [new() { Prompt = "first", Key = "one" }, new() { Prompt = "second", DependsOn = [new("one", 0)] }],
        }));
        var first = await agent.WorkAsync();
        Assert.Equal("first", first.Order.Input);
        Assert.Empty((await agent.PullAsync()).Assignments);
        await agent.PostAsync(agent.Report(first, output: "made"));
        Assert.Equal("blocked", await _queue.SubtaskStateAsync(accepted.Subtasks[1]));
        await _queue.JudgeAsync(VerdictKind.Inconclusive, VerdictReasons.NotRerunnable);
        var second = await agent.WorkAsync();
        Assert.Equal("[Context from previous subtasks]\nSubtask 1 result: made\n\n[Your task]\nsecond", second.Order.Input);
    }

    [Fact]
    public async Task Cancel_revokes_leases_voids_the_rest_and_can_be_repeated()
    {
        var agent = _queue.Enrol("agent-1");
        await _queue.SubmitAsync(Text("task-1"));
        var work = await agent.WorkAsync();
        await _queue.Queue.CancelAsync("task-1", "changed my mind", Stop);
        await _queue.Queue.CancelAsync("task-1", "again", Stop);
        Assert.Equal("cancelled", await _queue.StateAsync("task-1"));
        var (standing, _) = await _queue.Queue.ExtendAsync("agent-1", [new(work.Lease.LeaseId, null, null)], Stop);
        Assert.Equal("revoked", Assert.Single(standing).State);
        Assert.Equal("cancelled", (await Assert.ThrowsAsync<Refusal>(() => agent.PostAsync(agent.Report(work)))).Reason);
        var charges = await _queue.ChargesAsync("task-1");
        Assert.Equal((0, 0), (charges.Reserved, charges.Posted));
    }

    [Fact]
    public async Task A_result_reported_before_the_cancel_is_still_verified_and_paid()
    {
        var agent = _queue.Enrol("agent-1");
        await _queue.SubmitAsync(Text("task-1"));
        var work = await agent.WorkAsync();
        _queue.Time.Advance(TimeSpan.FromSeconds(1));
        await agent.PostAsync(agent.Report(work));
        await _queue.Queue.CancelAsync("task-1", "late", Stop);
        await _queue.JudgeAsync(VerdictKind.Inconclusive, VerdictReasons.NotRerunnable);
        var charges = await _queue.ChargesAsync("task-1");
        Assert.Equal(0, charges.Reserved);
        Assert.True(charges.Posted > 0);
        Assert.Equal("cancelled", await _queue.StateAsync("task-1"));
    }

    [Fact]
    public async Task A_deadline_fails_the_task()
    {
        await _queue.SubmitAsync(Text("task-1", t => t with { DeadlineMs = _queue.NowMs + 5000 }));
        await _queue.AdvanceAsync(TimeSpan.FromSeconds(6));
        Assert.Equal("failed", await _queue.StateAsync("task-1"));
        Assert.Equal("deadline_exceeded", await _queue.ReadAsync("SELECT state_reason FROM tasks"));
    }

    [Fact]
    public async Task A_parked_pull_gets_work_the_moment_it_is_submitted()
    {
        var agent = _queue.Enrol("agent-1");
        var pull = agent.PullAsync(30_000);
        Assert.False(pull.IsCompleted);
        await _queue.SubmitAsync(Text("task-1"));
        Assert.Single((await pull.WaitAsync(ProgramRun.Patience, Stop)).Assignments);
    }

    [Fact]
    public async Task A_parked_pull_ends_by_itself_with_the_rule_and_the_agent_can_pull_again()
    {
        var agent = _queue.Enrol("agent-1", "acct-other");
        await _queue.SubmitAsync(Text("task-1"));

        var pull = agent.PullAsync(5_000);
        await _queue.ParkedAsync();

        // It is parked and may not have looked at the clock yet: the clock goes on until it has.
        while (!pull.IsCompleted)
        {
            Stop.ThrowIfCancellationRequested();
            _queue.Time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        var answer = await pull;
        Assert.Empty(answer.Assignments);
        Assert.Equal("data_class", answer.Reason);
        _queue.Change(agent, facts => facts with { OwnerAccountId = Account });
        Assert.Single((await agent.PullAsync(30_000).WaitAsync(ProgramRun.Patience, Stop)).Assignments);
    }

    [Fact]
    public async Task A_newer_pull_releases_the_older_and_a_changed_agent_ends_its_pull()
    {
        var agent = _queue.Enrol("agent-1");
        var older = agent.PullAsync(30_000);
        await _queue.ParkedAsync();
        var newer = agent.PullAsync(30_000);
        Assert.Equal("superseded_by_newer_pull", (await older.WaitAsync(ProgramRun.Patience, Stop)).Reason);
        await _queue.ParkedAsync();
        await _queue.Queue.AgentChangedAsync("agent-1", false, "policy", Stop);
        Assert.Equal("agent_changed", (await newer.WaitAsync(ProgramRun.Patience, Stop)).Reason);
    }

    [Fact]
    public async Task A_restart_at_any_point_loses_nothing()
    {
        var agent = _queue.Enrol("agent-1");
        await _queue.SubmitAsync(Text("task-1"));
        await _queue.RestartAsync();
        var work = await agent.WorkAsync();
        await _queue.RestartAsync();
        await agent.PostAsync(agent.Report(work));
        await _queue.RestartAsync();
        var job = await _queue.Queue.ClaimVerificationAsync("verifier-1", Stop);
        await _queue.RestartAsync();
        Assert.True(await _queue.Queue.ConcludeAsync("verifier-1", _queue.Conclusion(job, VerdictKind.Inconclusive, VerdictReasons.NotRerunnable), Stop));
        Assert.False(await _queue.Queue.ConcludeAsync("verifier-1", _queue.Conclusion(job, VerdictKind.Inconclusive, VerdictReasons.NotRerunnable), Stop));
        Assert.Equal("completed", await _queue.StateAsync("task-1"));
        Assert.Equal(1, await _queue.CountAsync("SELECT COUNT(*) FROM verdicts"));
    }

    [Fact]
    public async Task Events_of_a_task_have_no_gaps_and_end_with_end()
    {
        var agent = _queue.Enrol("agent-1");
        await _queue.SubmitAsync(Text("task-1"));
        await agent.PostAsync(agent.Report(await agent.WorkAsync()));
        await _queue.JudgeAsync(VerdictKind.Inconclusive, VerdictReasons.NotRerunnable);
        var count = await _queue.CountAsync("SELECT COUNT(*) FROM task_events");
        Assert.Equal(count, await _queue.CountAsync("SELECT MAX(sequence) FROM task_events"));
        Assert.Equal(count, await _queue.CountAsync("SELECT events FROM tasks"));
        Assert.Equal("end", await _queue.ReadAsync("SELECT type FROM task_events ORDER BY sequence DESC LIMIT 1"));
    }
}
