using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Sessions;

/// <summary>What a session, or one prompt of it, may use.</summary>
/// <param name="MaxSteps">Most model calls.</param>
/// <param name="MaxTokens">Most tokens, read and written together; null: not limited.</param>
/// <param name="MaxTime">Most wall time; null: not limited.</param>
internal sealed record SessionBudget(int MaxSteps, long? MaxTokens, TimeSpan? MaxTime);

/// <summary>Counts what a session used and says when its budget is gone.</summary>
internal sealed class SessionMeter(SessionBudget budget, TimeSpan elapsedBefore, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private long _promptTokens;
    private long _completionTokens;
    private int _modelCalls;
    private int _runs;
    private double _elsewhereMs;
    private TimeSpan _waited;

    /// <summary>Wall time of the session, earlier processes included, waiting for a person not.</summary>
    public TimeSpan Elapsed => elapsedBefore + time.GetElapsedTime(_start) - _waited;

    /// <summary>What is left of the time; absent when it is not limited.</summary>
    public TimeSpan? TimeLeft => budget.MaxTime - Elapsed;

    /// <summary>The counts so far. Own time is the wall time less what the model and the executor took.</summary>
    public SessionUsage Usage
    {
        get
        {
            var wall = Elapsed.TotalMilliseconds;
            return new SessionUsage
            {
                PromptTokens = _promptTokens,
                CompletionTokens = _completionTokens,
                ModelCalls = _modelCalls,
                ToolCalls = _runs,
                WallMs = (long)wall,
                OwnMs = (long)Math.Max(0, wall - _elsewhereMs),
            };
        }
    }

    /// <summary>What is left of the budget.</summary>
    public BudgetLeft Left => new()
    {
        Steps = Math.Max(0, budget.MaxSteps - _modelCalls),
        Tokens = budget.MaxTokens is { } tokens ? Math.Max(0, tokens - _promptTokens - _completionTokens) : null,
        Seconds = TimeLeft is { } left ? Math.Max(0, Math.Round(left.TotalSeconds, 1)) : null,
    };

    /// <summary>Which budget is gone, in words; null when there is some left. Runs cost no model call.</summary>
    public string? Exhausted(bool forModelCall)
    {
        var left = Left;
        return left switch
        {
            { Steps: 0 } when forModelCall => $"The budget of {budget.MaxSteps} model calls is used up.",
            { Tokens: 0 } => $"The budget of {budget.MaxTokens:N0} tokens is used up.",
            _ when TimeLeft <= TimeSpan.Zero => $"The budget of {budget.MaxTime!.Value.TotalSeconds:0.#} seconds is used up.",
            _ => null,
        };
    }

    /// <summary>Counts a model call.</summary>
    public void CountCall(long promptTokens, long completionTokens)
    {
        _modelCalls++;
        _promptTokens += promptTokens;
        _completionTokens += completionTokens;
    }

    /// <summary>Counts a run.</summary>
    public void CountRun() => _runs++;

    /// <summary>Counts time spent in the model or in the executor.</summary>
    public void CountElsewhere(double milliseconds) => _elsewhereMs += milliseconds;

    /// <summary>Takes time in which a person was waited for out of the count.</summary>
    public void CountWaiting(TimeSpan waited) => _waited += waited;
}
