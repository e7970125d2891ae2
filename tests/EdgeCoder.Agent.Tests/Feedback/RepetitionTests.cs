using EdgeCoder.Agent.Feedback;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Execution;

namespace EdgeCoder.Agent.Tests.Feedback;

public sealed class RepetitionTests
{
    [Theory]
    [InlineData(QueueReason.OutsideSubset, EscalationReason.OutsideSubset)]
    [InlineData(QueueReason.Timeout, EscalationReason.Timeout)]
    [InlineData(QueueReason.MemoryLimit, EscalationReason.MemoryLimit)]
    [InlineData(QueueReason.OutputLimit, EscalationReason.OutputLimit)]
    public void Limit_or_refusal_twice_in_a_row_escalates_with_its_own_reason(QueueReason reason, EscalationReason expected)
    {
        var repetition = new Repetition();
        Assert.Null(repetition.Observe(Runs.Ended(1, reason) with { Stderr = "a" }, "a").Escalate);
        Assert.Equal(expected, repetition.Observe(Runs.Ended(1, reason) with { Stderr = "b" }, "b").Escalate);
    }

    [Fact]
    public void Limit_twice_but_not_in_a_row_does_not_escalate()
    {
        var repetition = new Repetition();
        repetition.Observe(Runs.Timeout("1"), "a");
        repetition.Observe(Runs.Failed(), "b");
        Assert.Null(repetition.Observe(Runs.Timeout("2"), "c").Escalate);
    }

    [Fact]
    public void Same_failure_is_no_progress_at_the_third_time()
    {
        var repetition = new Repetition();
        Assert.False(repetition.Observe(Runs.Failed(), "a").Again);
        Assert.True(repetition.Observe(Runs.Failed(), "b").Again);
        Assert.Equal(EscalationReason.NoProgress, repetition.Observe(Runs.Failed(), "c").Escalate);
    }

    [Fact]
    public void Same_code_counts_even_when_it_fails_otherwise()
    {
        var repetition = new Repetition();
        repetition.Observe(Runs.Failed(actual: "1"), "def f(): pass  \n");
        Assert.True(repetition.Observe(Runs.Failed(actual: "2"), "def f(): pass").Again);
    }

    [Fact]
    public void Other_failing_value_is_progress()
    {
        var repetition = new Repetition();
        repetition.Observe(Runs.Failed(actual: "1"), "a");
        Assert.False(repetition.Observe(Runs.Failed(actual: "2"), "b").Again);
    }

    [Fact]
    public void Addresses_and_times_do_not_make_a_failure_new()
    {
        var one = Runs.Failed(actual: "<object at 0x7f01>");
        var two = Runs.Failed(actual: "<object at 0x7f02>") with { DurationMs = 99 };
        Assert.Equal(FailureSignature.Of(one), FailureSignature.Of(two));
    }
}
