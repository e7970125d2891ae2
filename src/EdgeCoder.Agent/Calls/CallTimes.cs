namespace EdgeCoder.Agent.Calls;

/// <summary>How fast a model works on its machine, as measured by a preflight.</summary>
/// <param name="Load">Time to load the model.</param>
/// <param name="PrefillPerSecond">Prompt tokens read in a second; above 0.</param>
/// <param name="DecodePerSecond">Tokens written in a second; above 0.</param>
public sealed record ModelSpeed(TimeSpan Load, double PrefillPerSecond, double DecodePerSecond);

/// <summary>Time limits of one call, derived from the measured speed: a slow machine waits longer, a dead server is noticed early.</summary>
/// <param name="FirstToken">Until the first piece: load + 3 × (prompt ÷ prefill) + 5 s.</param>
/// <param name="Stall">Between two pieces: the larger of 10 s and 30 token times.</param>
/// <param name="Total">Whole call: first piece + 3 × (most tokens ÷ decode).</param>
public sealed record CallTimes(TimeSpan FirstToken, TimeSpan Stall, TimeSpan Total)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>The limits for a prompt and an answer of these lengths, in tokens. None is above a day.</summary>
    public static CallTimes For(ModelSpeed speed, int promptTokens, int maxOutputTokens)
    {
        var first = Bounded(speed.Load.TotalSeconds + (3.0 * promptTokens / speed.PrefillPerSecond) + 5);
        return new(
            first,
            Bounded(Math.Max(10, 30 / speed.DecodePerSecond)),
            Bounded(first.TotalSeconds + (3.0 * maxOutputTokens / speed.DecodePerSecond)));
    }

    private static TimeSpan Bounded(double seconds) => seconds < Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Longest;
}
