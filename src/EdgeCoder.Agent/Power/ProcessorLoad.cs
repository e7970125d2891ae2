namespace EdgeCoder.Agent.Power;

/// <summary>Busy share of the processors over the last 15 s, less the agent's own share (coordinator-and-mesh 7).</summary>
internal sealed class ProcessorLoad(TimeProvider time)
{
    /// <summary>What the share is taken over.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    private readonly List<(long At, long Busy, long Total, long Own)> _samples = [];

    /// <summary>Adds a reading; gives the share in percent since the last one that is at least 15 s old, or the oldest. Null for the first.</summary>
    public double? Next((long Busy, long Total) machine, long own)
    {
        var now = time.GetTimestamp();
        // The last sample that is old enough is the base; older ones are needed no more.
        while (_samples.Count > 1 && time.GetElapsedTime(_samples[1].At, now) >= Window)
        {
            _samples.RemoveAt(0);
        }

        double? share = _samples.Count == 0 || machine.Total <= _samples[0].Total ? null : Share(_samples[0], machine, own);
        _samples.Add((now, machine.Busy, machine.Total, own));
        return share;
    }

    private static double Share((long At, long Busy, long Total, long Own) from, (long Busy, long Total) machine, long own) =>
        // A child that nobody waited for takes its ticks with it, so the own share may seem to shrink.
        Math.Clamp(100.0 * (machine.Busy - from.Busy - Math.Max(0, own - from.Own)) / (machine.Total - from.Total), 0, 100);
}
