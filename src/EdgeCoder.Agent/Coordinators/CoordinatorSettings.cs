namespace EdgeCoder.Agent.Coordinators;

/// <summary>How an agent finds and calls its coordinator (environment.md 5, 6).</summary>
public sealed record CoordinatorSettings
{
    /// <summary>The registry's feed; null: none.</summary>
    public Uri? Feed { get; init; }

    /// <summary>Addresses to begin with, in their one form; <c>COORDINATOR_URL</c>.</summary>
    public required IReadOnlyList<string> Bootstrap { get; init; }

    /// <summary>The cache file.</summary>
    public required string CacheFile { get; init; }

    /// <summary>Time of one call; a long poll adds its wait. Default 15 s.</summary>
    public TimeSpan CallTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Further tries of a call that found nobody well. Default 2, 0 to 10.</summary>
    public int Retries { get; init; } = 2;
}
