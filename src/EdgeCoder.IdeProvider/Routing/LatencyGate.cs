namespace EdgeCoder.IdeProvider.Routing;

/// <summary>State of the gate before the models of this machine.</summary>
internal enum GateState
{
    /// <summary>Calls pass.</summary>
    Open,

    /// <summary>Too slow; one call of the last half minute tries.</summary>
    HalfOpen,

    /// <summary>Too slow: calls that may go elsewhere do.</summary>
    Closed,
}

/// <summary>
/// Judges how long callers wait for the first token on this machine (agent-executor-models 6.5): an exponential moving average with α = 0.2, whose 95th
/// percentile is taken as 1.8 times it. Pure: the time is a value.
/// </summary>
/// <param name="thresholdMs">Above this estimate the gate closes, in milliseconds.</param>
internal sealed class LatencyGate(double thresholdMs)
{
    /// <summary>Above this estimate the gate closes, in milliseconds.</summary>
    public double ThresholdMs => thresholdMs;

    private const double Alpha = 0.2;
    private const double Spread = 1.8;
    private const int Least = 3;
    private const long HalvingMs = 60_000;
    private const long OldMs = 300_000;
    private const long ProbeMs = 30_000;

    private readonly Lock _gate = new();
    private readonly Queue<long> _times = new();
    private double _average;
    private long _halvedAtMs;
    private long _probedAtMs = long.MinValue / 2;

    /// <summary>Samples that count.</summary>
    public int Samples(long nowMs)
    {
        lock (_gate)
        {
            Age(nowMs);
            return _times.Count;
        }
    }

    /// <summary>The 95th percentile as estimated, in whole milliseconds; 0 until there are three samples.</summary>
    public long EstimateMs(long nowMs)
    {
        lock (_gate)
        {
            Age(nowMs);
            return Estimate();
        }
    }

    /// <summary>Adds a sample: time in line and to the first token, in milliseconds. Of a failed call there is none: health covers it.</summary>
    public void Add(double ms, long nowMs)
    {
        lock (_gate)
        {
            Age(nowMs);
            // A probe that was quick enough opens the gate at once: what closed it is over.
            _average = _times.Count == 0 || (Estimate() > thresholdMs && ms * Spread <= thresholdMs) ? ms : (Alpha * ms) + ((1 - Alpha) * _average);
            _times.Enqueue(nowMs);
            _halvedAtMs = nowMs;
        }
    }

    /// <summary>
    /// Adds what is known of an answer that came whole: its first token took at most so long. That counts when even this was quick; a long answer says nothing
    /// about how long anybody waited (agent-executor-models 10, S9).
    /// </summary>
    public void AddAtMost(double ms, long nowMs)
    {
        if (ms * Spread <= thresholdMs)
        {
            Add(ms, nowMs);
        }
    }

    /// <summary>Whether a call that may go elsewhere stays here: the gate is open, or it is the one that probes.</summary>
    public bool Admits(long nowMs)
    {
        lock (_gate)
        {
            Age(nowMs);
            if (Estimate() <= thresholdMs)
            {
                return true;
            }

            if (nowMs - _probedAtMs < ProbeMs)
            {
                return false;
            }

            _probedAtMs = nowMs;
            return true;
        }
    }

    /// <summary>The state, without taking the turn of a probe.</summary>
    public GateState State(long nowMs)
    {
        lock (_gate)
        {
            Age(nowMs);
            return Estimate() <= thresholdMs ? GateState.Open : nowMs - _probedAtMs < ProbeMs ? GateState.Closed : GateState.HalfOpen;
        }
    }

    private long Estimate() => _times.Count < Least ? 0 : (long)Math.Round(_average * Spread, MidpointRounding.AwayFromZero);

    private void Age(long nowMs)
    {
        while (_times.TryPeek(out var oldest) && nowMs - oldest > OldMs)
        {
            _times.Dequeue();
        }

        for (; _times.Count > 0 && nowMs - _halvedAtMs >= HalvingMs; _halvedAtMs += HalvingMs)
        {
            _average /= 2;
        }
    }
}
