using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.IdeProvider.Swarm;

namespace EdgeCoder.IdeProvider.Composition;

/// <summary>A model server of the operator at this machine that speaks the OpenAI API.</summary>
/// <param name="Name">Name in the settings.</param>
/// <param name="Base">Base address, a literal loopback address, ending with a slash.</param>
/// <param name="Key">Its key; null for none.</param>
public sealed record LoopbackServer(string Name, Uri Base, string? Key)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => $"{Name} at {Base}";
}

/// <summary>What the endpoint for editors needs to start (environment.md; agent-executor-models 6).</summary>
public sealed record IdeProviderSettings
{
    /// <summary>Where it listens. Default: 127.0.0.1:4304.</summary>
    public required ListenerSettings Listener { get; init; }

    /// <summary>Directory of keys and stored answers; absolute.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The inference service, a loopback address (<c>INFERENCE_URL</c>).</summary>
    public required Uri Inference { get; init; }

    /// <summary>Its token (<c>INFERENCE_AUTH_TOKEN</c>).</summary>
    public required string InferenceToken { get; init; }

    /// <summary>Model servers that calls may be relayed to without a stop at the inference service.</summary>
    public IReadOnlyList<LoopbackServer> Servers { get; init; } = [];

    /// <summary>The coordinator that the operator named, asked at each use: in all-in-one its credentials are made while this starts. Default: none.</summary>
    public Func<SwarmAccess> Swarm { get; init; } = static () => SwarmAccess.NotNamed;

    /// <summary>What the tools of <c>/mcp</c> work with; absent: there is no such route.</summary>
    public Mcp.McpParts? Mcp { get; init; }

    /// <summary>Account that the first key belongs to.</summary>
    public string Owner { get; init; } = "local";

    /// <summary>Calls at once on this machine (<c>IDE_LOCAL_CONCURRENCY</c>). Default 2, 1 to 1,024.</summary>
    public int LocalConcurrencyCap { get; init; } = 2;

    /// <summary>Calls that may wait for this machine (<c>IDE_LOCAL_QUEUE</c>). Default 256, 0 to 100,000.</summary>
    public int LocalQueue { get; init; } = 256;

    /// <summary>Above this 95th percentile of the time to the first token calls may go elsewhere (<c>IDE_LOCAL_LATENCY_THRESHOLD_MS</c>). Default 8,000 ms.</summary>
    public TimeSpan LatencyThreshold { get; init; } = TimeSpan.FromMilliseconds(8_000);

    /// <summary>Host name that may stand in <c>Host</c> besides loopback names (<c>IDE_PUBLIC_HOST</c>).</summary>
    public string? PublicHost { get; init; }

    /// <summary>Origins of pages that may call (<c>IDE_ALLOWED_ORIGINS</c>). Default: none.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Reads them; every fault goes to <paramref name="reader"/>. In all-in-one <paramref name="madeToken"/> is what the process made for itself.</summary>
    public static IdeProviderSettings Read(SettingsReader reader, string dataDirectory, string? madeToken, IReadOnlyList<LoopbackServer> servers)
    {
        var token = reader.Secret("INFERENCE_AUTH_TOKEN") ?? madeToken;
        if (token is null)
        {
            reader.Refuse("INFERENCE_AUTH_TOKEN must be set: at least 32 random characters, the same at the inference service.");
        }

        var inference = reader.Url("INFERENCE_URL", $"http://127.0.0.1:{reader.Number("INFERENCE_PORT", 4302, 1, 65_535)}");
        if (inference is not null && !(System.Net.IPAddress.TryParse(inference.Host.Trim('[', ']'), out var address) && System.Net.IPAddress.IsLoopback(address)))
        {
            reader.Refuse("INFERENCE_URL must be a loopback address such as http://127.0.0.1:4302 for the endpoint: local work never leaves this machine.");
        }

        foreach (var origin in reader.List("IDE_ALLOWED_ORIGINS"))
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var url) || url.GetLeftPart(UriPartial.Authority) != origin)
            {
                reader.Refuse("IDE_ALLOWED_ORIGINS must be origins such as https://tools.example, separated by commas.");
            }
        }

        return new()
        {
            Listener = ListenerSettings.Read(reader, "IDE_PROVIDER_PORT", 4304),
            DataDirectory = dataDirectory,
            Inference = inference ?? new("http://127.0.0.1:4302"),
            InferenceToken = token ?? "",
            Servers = servers,
            Owner = reader.Text("AGENT_ACCOUNT_ID") ?? "local",
            LocalConcurrencyCap = (int)reader.Number("IDE_LOCAL_CONCURRENCY", 2, 1, 1_024),
            LocalQueue = (int)reader.Number("IDE_LOCAL_QUEUE", 256, 0, 100_000),
            LatencyThreshold = reader.Milliseconds("IDE_LOCAL_LATENCY_THRESHOLD_MS", 8_000, 100, 600_000),
            PublicHost = reader.Text("IDE_PUBLIC_HOST"),
            AllowedOrigins = reader.List("IDE_ALLOWED_ORIGINS"),
        };
    }
}
