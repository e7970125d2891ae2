namespace EdgeCoder.Hosting.Signatures;

/// <summary>Limits of signed requests (coordinator-and-mesh 2.2).</summary>
public sealed record SignatureOptions
{
    /// <summary>How far a request's creation may be from now, either way: <c>SECURITY_MAX_SKEW_MS</c>.</summary>
    public TimeSpan MaxSkew { get; init; } = TimeSpan.FromMilliseconds(120_000);

    /// <summary>How long a nonce is kept: <c>SECURITY_NONCE_TTL_MS</c>, at least twice the skew, else an old request could come again.</summary>
    public TimeSpan NonceTime { get; init; } = TimeSpan.FromMilliseconds(300_000);

    /// <summary>Counted requests of an agent in a window: <c>AGENT_RATE_LIMIT_MAX</c>.</summary>
    public int AgentLimit { get; init; } = 30;

    /// <summary>That window: <c>AGENT_RATE_LIMIT_WINDOW_MS</c>.</summary>
    public TimeSpan AgentWindow { get; init; } = TimeSpan.FromMilliseconds(60_000);

    /// <summary>Failed checks of one address in a minute, from which on it is refused.</summary>
    public int FailureLimit { get; init; } = 120;

    /// <summary>Throws when the values contradict each other: an old request could come again.</summary>
    public void Check()
    {
        if (NonceTime < 2 * MaxSkew)
        {
            throw new InvalidOperationException("SECURITY_NONCE_TTL_MS must be at least twice SECURITY_MAX_SKEW_MS.");
        }
    }
}
