using EdgeCoder.Coordinator.Escalations;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>How peers are talked to.</summary>
internal sealed record PeerOptions
{
    /// <summary><c>NETWORK_MODE</c>: peers are of the same.</summary>
    public string NetworkMode { get; init; } = "public_mesh";

    /// <summary><c>STATS_LEDGER_SYNC_INTERVAL_MS</c>: how often checkpoints and records are exchanged. Default ten seconds.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMilliseconds(10_000);

    /// <summary>How long one request to a peer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the start waits for one peer.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary><c>SECURITY_MAX_SKEW_MS</c>: cosignatures and records further ahead than this are refused.</summary>
    public TimeSpan MaxSkew { get; init; } = TimeSpan.FromMilliseconds(120_000);

    /// <summary>What carries requests; tests put a network of their own in its place.</summary>
    public Func<HttpMessageHandler> Handler { get; init; } = EscalationHttp.Handler;

    /// <summary>Called at each step of an exchange; for tests that end the work there.</summary>
    public Action<ExchangeStep> At { get; init; } = _ => { };
}

/// <summary>Where a crash can leave an exchange.</summary>
internal enum ExchangeStep
{
    /// <summary>A witness has cosigned; nothing is stored here.</summary>
    Cosigned,

    /// <summary>A page of a peer's records has come; nothing is stored.</summary>
    Fetched,

    /// <summary>The page is stored; its checkpoint is not yet.</summary>
    Mirrored,

    /// <summary>Missing records of the own log have come back; nothing is stored.</summary>
    Recovered,

    /// <summary>They are stored; the log is still held.</summary>
    Restored,
}
