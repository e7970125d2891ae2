using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Portal.Composition;

/// <summary>Other processes that the portal calls, and the one that calls it (portal-and-control-plane 2). Prints nothing: it holds secrets.</summary>
public sealed record EdgeSettings
{
    /// <summary><c>COORDINATOR_URL</c>: the home coordinator; null: none, and what needs it says so.</summary>
    public Uri? CoordinatorUrl { get; init; }

    /// <summary><c>PORTAL_COORDINATOR_TOKEN</c>, on loopback else <c>PORTAL_SERVICE_TOKEN</c>: sent to the home coordinator only. Null closes the edge.</summary>
    public string? CoordinatorToken { get; init; }

    /// <summary><c>PORTAL_SERVICE_TOKEN</c>: opens <c>/internal/*</c>. Null closes them.</summary>
    public string? ServiceToken { get; init; }

    /// <summary><c>PORTAL_EXTERNAL_HTTP_TIMEOUT_MS</c>: of every outbound call but chat.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(7_000);

    /// <summary>Reads them; faults go to the reader.</summary>
    /// <param name="reader">Settings.</param>
    /// <param name="exposed">Whether others than this machine reach the portal.</param>
    public static EdgeSettings Read(SettingsReader reader, bool exposed)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var service = reader.Secret("PORTAL_SERVICE_TOKEN");
        return new()
        {
            CoordinatorUrl = reader.Url("COORDINATOR_URL"),
            CoordinatorToken = reader.Secret("PORTAL_COORDINATOR_TOKEN") ?? (exposed ? null : service),
            ServiceToken = service,
            Timeout = reader.Milliseconds("PORTAL_EXTERNAL_HTTP_TIMEOUT_MS", 7_000, 500, 60_000),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => nameof(EdgeSettings);
}
