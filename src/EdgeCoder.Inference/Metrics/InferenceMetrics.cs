namespace EdgeCoder.Inference.Metrics;

/// <summary>What the inference service did since it started (agent-executor-models 5).</summary>
/// <param name="DecomposeRequests">Plans asked for.</param>
/// <param name="DecomposeSuccesses">Plans that the model made. A fallback is none.</param>
/// <param name="DecomposeModelCalls">Calls of the model for plans.</param>
/// <param name="DecomposeFallbacks">Answers that were the prompt itself.</param>
/// <param name="EscalateRequests">Escalations asked for.</param>
/// <param name="EscalateSuccesses">Answers with code.</param>
/// <param name="EscalateFailures">Answers without.</param>
/// <param name="TotalLatencyMs">Time of all those requests together, in milliseconds.</param>
internal readonly record struct InferenceCounts(
    long DecomposeRequests,
    long DecomposeSuccesses,
    long DecomposeModelCalls,
    long DecomposeFallbacks,
    long EscalateRequests,
    long EscalateSuccesses,
    long EscalateFailures,
    long TotalLatencyMs);

/// <summary>Counts requests. They count from zero at every start.</summary>
internal sealed class InferenceMetrics
{
    private long _decomposeRequests;
    private long _decomposeSuccesses;
    private long _decomposeModelCalls;
    private long _decomposeFallbacks;
    private long _escalateRequests;
    private long _escalateSuccesses;
    private long _escalateFailures;
    private long _totalLatencyMs;

    /// <summary>The counts now.</summary>
    public InferenceCounts Counts => new(
        Interlocked.Read(ref _decomposeRequests),
        Interlocked.Read(ref _decomposeSuccesses),
        Interlocked.Read(ref _decomposeModelCalls),
        Interlocked.Read(ref _decomposeFallbacks),
        Interlocked.Read(ref _escalateRequests),
        Interlocked.Read(ref _escalateSuccesses),
        Interlocked.Read(ref _escalateFailures),
        Interlocked.Read(ref _totalLatencyMs));

    /// <summary>A plan was asked for.</summary>
    public void DecomposeRequested() => Interlocked.Increment(ref _decomposeRequests);

    /// <summary>The model was asked for a plan.</summary>
    public void DecomposeCalled() => Interlocked.Increment(ref _decomposeModelCalls);

    /// <summary>A plan was answered; <paramref name="fallback"/> says that it is the prompt itself.</summary>
    public void Decomposed(bool fallback) => Interlocked.Increment(ref fallback ? ref _decomposeFallbacks : ref _decomposeSuccesses);

    /// <summary>An escalation was asked for.</summary>
    public void EscalateRequested() => Interlocked.Increment(ref _escalateRequests);

    /// <summary>An escalation was answered.</summary>
    public void Escalated(bool success) => Interlocked.Increment(ref success ? ref _escalateSuccesses : ref _escalateFailures);

    /// <summary>A request took this long.</summary>
    public void Took(TimeSpan time) => Interlocked.Add(ref _totalLatencyMs, (long)time.TotalMilliseconds);
}
