using CsCheck;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tests.Tasks;

/// <summary>Attempts, pauses and states (coordinator-and-mesh 4.2, 4.6).</summary>
public sealed class SubtaskMachineTests
{
    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 2000)]
    [InlineData(5, 16_000)]
    [InlineData(6, 30_000)]
    [InlineData(100, 30_000)]
    public void The_pause_doubles_up_to_half_a_minute(int attempt, long pause) => Assert.Equal(pause, SubtaskMachine.BackOff(attempt));

    [Fact]
    public void A_failing_subtask_stops_at_its_limit() => Gen.Int[1, 10].Sample(max =>
    {
        var (attempts, rounds) = (0, 0);
        AfterAttempt after;
        do
        {
            after = SubtaskMachine.After(AttemptEnd.Rejected, attempts, max, 0, 0);
            (attempts, rounds) = (after.Attempts, rounds + 1);
        }
        while (after.State is SubtaskState.Queued);
        Assert.Equal(max, rounds);
    });

    [Theory]
    [InlineData(nameof(AttemptEnd.Expired), 1)]
    [InlineData(nameof(AttemptEnd.ReportedFailure), 1)]
    [InlineData(nameof(AttemptEnd.Rejected), 1)]
    [InlineData(nameof(AttemptEnd.Released), 0)]
    [InlineData(nameof(AttemptEnd.Undelivered), 0)]
    [InlineData(nameof(AttemptEnd.Revoked), 0)]
    [InlineData(nameof(AttemptEnd.Inconclusive), 0)]
    public void Only_expiry_honest_failure_and_rejection_spend_an_attempt(string end, int spent) =>
        Assert.Equal(spent, SubtaskMachine.After(Enum.Parse<AttemptEnd>(end), 0, 3, 0, 0).Attempts);

    [Fact]
    public void The_tenth_release_spends_one()
    {
        var releases = 0;
        for (var i = 1; i < 10; i++)
        {
            var after = SubtaskMachine.After(i % 2 == 0 ? AttemptEnd.Released : AttemptEnd.Undelivered, 0, 3, releases, 0);
            Assert.Equal((0, i), (after.Attempts, after.Releases));
            releases = after.Releases;
        }

        Assert.Equal((1, 0), (SubtaskMachine.After(AttemptEnd.Released, 0, 3, releases, 0) is var tenth ? (tenth.Attempts, tenth.Releases) : default));
    }

    [Fact]
    public void The_second_closing_without_an_answer_escalates()
    {
        var first = SubtaskMachine.After(AttemptEnd.Inconclusive, 0, 3, 0, 0);
        Assert.Equal(SubtaskState.Queued, first.State);
        Assert.Equal(SubtaskState.Rejected, SubtaskMachine.After(AttemptEnd.Inconclusive, 0, 3, 0, first.Inconclusive).State);
    }

    [Fact]
    public void What_follows_an_attempt_is_a_state_that_may_follow() =>
        Gen.Select(Gen.Enum<AttemptEnd>(), Gen.Int[0, 9], Gen.Int[1, 10], Gen.Int[0, 9], Gen.Int[0, 1]).Sample((end, attempts, max, releases, inconclusive) =>
        {
            var from = end is AttemptEnd.ReportedFailure or AttemptEnd.Rejected or AttemptEnd.Inconclusive ? SubtaskState.Verifying : SubtaskState.Leased;
            Assert.True(SubtaskMachine.Allows(from, SubtaskMachine.After(end, Math.Min(attempts, max - 1), max, releases, inconclusive).State));
        });

    [Fact]
    public void A_final_task_stays_so() =>
        Gen.Select(Gen.Enum<TaskState>(), Gen.Enum<TaskState>()).Sample((from, to) => Assert.False(TaskMachine.IsFinal(from) && TaskMachine.Allows(from, to)));

    [Theory]
    [InlineData(1000, 120_000)]
    [InlineData(30_000, 600_000)]
    [InlineData(600_000, 1_800_000)]
    public void An_attempt_lasts_twenty_runs_within_bounds(int timeoutMs, int expected) => Assert.Equal(expected, AttemptTimes.AttemptTimeoutMs(timeoutMs));

    [Fact]
    public void A_lease_is_extended_up_to_its_hard_deadline_and_no_further() => Gen.Select(Gen.Long[0, 10_000_000], Gen.Int[10_000, 7_200_000]).Sample((now, attempt) =>
    {
        var hard = AttemptTimes.HardDeadlineMs(1000, attempt);
        Assert.True(AttemptTimes.DeadlineMs(now, hard) <= hard && AttemptTimes.DeadlineMs(now, hard) <= now + 60_000);
    });
}
