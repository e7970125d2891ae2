namespace EdgeCoder.Inference.Escalation;

/// <summary>
/// How long escalations take with the model of this machine, so that callers wait long enough. One that its caller gave up counts with the time it had:
/// the next caller waits twice as long.
/// </summary>
internal sealed class EscalationTimes
{
    private const long MostMs = 600_000;

    private long _longestMs;

    /// <summary>What a caller should wait at least; null before the first escalation.</summary>
    public long? TimeoutMs => Interlocked.Read(ref _longestMs) is > 0 and var longest ? Math.Min(2 * longest, MostMs) : null;

    /// <summary>An escalation took this long, or was given up after it.</summary>
    public void Took(TimeSpan time)
    {
        var ms = (long)time.TotalMilliseconds;
        for (var seen = Interlocked.Read(ref _longestMs); ms > seen;)
        {
            var before = Interlocked.CompareExchange(ref _longestMs, ms, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
