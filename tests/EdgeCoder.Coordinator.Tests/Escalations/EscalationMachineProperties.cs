using CsCheck;
using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tests.Escalations;

public sealed class EscalationMachineProperties
{
    [Fact]
    public void Pause_doubles_from_its_base_and_jitter_adds_at_most_a_quarter() =>
        Gen.Select(Gen.Int[1, 30], Gen.Long[100, 60_000], Gen.Double[0, 1]).Sample((tries, ms, jitter) =>
        {
            var pure = Math.Min(ms * Math.Pow(2, Math.Min(tries - 1, 20)), 600_000);
            var delay = EscalationMachine.RetryDelayMs(tries, TimeSpan.FromMilliseconds(ms), jitter);
            return delay >= (long)pure && delay <= (long)(pure * 1.25);
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_phase_comes_to_a_person_or_an_end_by_going_on(bool ofPeer)
    {
        var phases = typeof(EscalationPhase).GetFields().Select(field => (string)field.GetRawConstantValue()!);
        Assert.All(phases, start =>
        {
            var phase = start;
            for (var step = 0; step < 5 && phase is not (EscalationPhase.HumanWait or EscalationPhase.Done); step++)
            {
                phase = EscalationMachine.NextStep(phase, ofPeer);
            }

            Assert.True(phase is EscalationPhase.HumanWait or EscalationPhase.Done or EscalationPhase.Human, start);
        });
    }

    [Fact]
    public void Chain_of_parents_is_always_finite() =>
        Gen.Int[0, 3].Array[1, 8].Sample(order =>
        {
            // Coordinators hand on along any graph; each adds itself and refuses what it has seen.
            var hops = new List<string>();
            foreach (var next in order.Select(n => $"coord-{n}"))
            {
                if (hops.Count > 0 && EscalationMachine.RefuseHops(hops, hops[^1], next) is not null)
                {
                    break;
                }

                hops.Add(next);
            }

            return hops.Count <= EscalationMachine.MostHops && hops.Distinct().Count() == hops.Count;
        });

    [Fact]
    public void Class_team_never_goes_to_a_parent() =>
        Gen.Select(Gen.Enum<SubtaskKind>(), Gen.String[Gen.Char['a', 'c'], 3, 4].Array[0, 4]).Sample((kind, hops) =>
            EscalationMachine.PassOverParent(SharedDataClass.Team, kind, hops, "own", new() { ParentUrl = new("https://parent.example") }) is not null);

    [Fact]
    public void Accepted_subtask_completes_and_ended_task_fails_its_escalation()
    {
        var subtask = new EscalatedSubtask { TaskId = "t", AccountId = "a", DataClass = SharedDataClass.Team, AllowCloudReview = false, TaskState = TaskState.Escalated, Kind = SubtaskKind.MicroLoop, State = SubtaskState.Rejected };

        Assert.Null(EscalationMachine.Ended(subtask));
        Assert.Equal(EscalationStatus.Completed, EscalationMachine.Ended(subtask with { State = SubtaskState.Accepted, TaskState = TaskState.Completed })?.Status);
        Assert.Equal(EscalationStatus.Failed, EscalationMachine.Ended(subtask with { TaskState = TaskState.Cancelled })?.Status);
        Assert.Equal(EscalationStatus.Failed, EscalationMachine.Ended(null)?.Status);
    }
}
