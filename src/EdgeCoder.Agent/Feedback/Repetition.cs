using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Feedback;

/// <summary>What a failed run means for the next step.</summary>
/// <param name="Times">How often this failure, or this code, has been seen: 1 for a new one.</param>
/// <param name="Escalate">Why to give up; absent when a retry makes sense.</param>
internal sealed record Observation(int Times, EscalationReason? Escalate)
{
    /// <summary>Whether it failed like before: the next try is a fresh sample.</summary>
    public bool Again => Times > 1;
}

/// <summary>
/// Watches failures over a session: a limit or a refusal twice in a row, or the same failure for the third time, ends it.
/// A fold over the runs: replaying them gives the same state.
/// </summary>
internal sealed class Repetition
{
    private readonly Dictionary<string, int> _seen = [];
    private QueueReason? _last;

    /// <summary>Takes a failed run of <paramref name="code"/> into account.</summary>
    public Observation Observe(RunResult result, string code)
    {
        var inARow = _last == result.QueueReason;
        _last = result.QueueReason;
        var times = Math.Max(Count(FailureSignature.Of(result)), Count(FailureSignature.OfCode(code)));
        EscalationReason? reason = result.QueueReason switch
        {
            QueueReason.OutsideSubset when inARow => EscalationReason.OutsideSubset,
            QueueReason.Timeout when inARow => EscalationReason.Timeout,
            QueueReason.MemoryLimit when inARow => EscalationReason.MemoryLimit,
            QueueReason.OutputLimit when inARow => EscalationReason.OutputLimit,
            _ => times >= 3 ? EscalationReason.NoProgress : null,
        };
        return new Observation(times, reason);
    }

    private int Count(string key) => _seen[key] = _seen.GetValueOrDefault(key) + 1;
}
