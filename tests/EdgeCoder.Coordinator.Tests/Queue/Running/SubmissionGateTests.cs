using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.Coordinator.Tests.Queue.Running;

/// <summary>The gate before a reservation (economy-and-ledger 3.3), on the running queue.</summary>
public sealed class SubmissionGateTests
{
    [Fact]
    public async Task Who_has_spent_and_not_earned_must_contribute_first_and_nothing_is_stored()
    {
        // The burst is out of reach, so that only what was earned counts.
        await using var queue = await RunningQueue.StartAsync(new() { Gate = new SubmissionGate(long.MaxValue, 10_000) });
        await queue.SubmitAsync(RunningQueue.Text("task-one"));

        var refusal = await Assert.ThrowsAsync<Refusal>(() => queue.SubmitAsync(RunningQueue.Text("task-two")));

        Assert.Equal((403, "contribute_first_required"), (refusal.Status, refusal.Error));
        Assert.Equal(1, await queue.CountAsync("SELECT COUNT(*) FROM tasks"));
    }

    [Fact]
    public async Task What_is_submitted_again_passes_without_being_weighed_again()
    {
        await using var queue = await RunningQueue.StartAsync(new() { Gate = new SubmissionGate(long.MaxValue, 10_000) });
        var first = await queue.SubmitAsync(RunningQueue.Text("task-one"));
        Assert.Equal(first.Subtasks, (await queue.SubmitAsync(RunningQueue.Text("task-one"))).Subtasks);
    }

    [Fact]
    public async Task Enough_credits_at_hand_need_no_contribution()
    {
        await using var queue = await RunningQueue.StartAsync();
        await queue.SubmitAsync(RunningQueue.Text("task-one"));
        await queue.SubmitAsync(RunningQueue.Text("task-two"));
        Assert.Equal(2, await queue.CountAsync("SELECT COUNT(*) FROM tasks"));
    }
}
