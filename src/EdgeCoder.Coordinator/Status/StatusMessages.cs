using System.Text.Json.Serialization;
using EdgeCoder.Coordinator.Operators;
using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Coordinator.Status;

/// <summary>Answer of <c>GET /status</c>: queued includes leased. <c>NotReady</c> says what of the coordinator's process does not work yet; absent when everything does.</summary>
internal sealed record StatusAnswer(long Queued, int Agents, long Results, IReadOnlyList<string>? NotReady = null);

/// <summary>Answer of <c>GET /features</c>.</summary>
internal sealed record FeaturesAnswer(
    [property: JsonPropertyName("public_mesh")] bool PublicMesh,
    [property: JsonPropertyName("enterprise_overlay")] bool EnterpriseOverlay);

/// <summary>Answer of <c>GET /health/runtime</c>.</summary>
internal sealed record HealthAnswer(bool Ok, CoordinatorHealth Coordinator, ModelServerHealth Ollama);

/// <summary>This process.</summary>
internal sealed record CoordinatorHealth(string Provider, long Queued, int Agents, long Results);

/// <summary>The model server; where it is and what it said is for operators.</summary>
internal sealed record ModelServerHealth(string ExpectedProvider, bool Reachable, int ModelCount, string? Host = null, string? Version = null, string? Error = null);

/// <summary>Answer of <c>GET /capacity</c>. No token, e-mail or address is in it.</summary>
internal sealed record CapacityAnswer(CapacityTotals Totals, IReadOnlyList<AgentCapacity> Agents, string? NextCursor);

/// <summary>Totals over agents that are active and not offline; the ban count is over all.</summary>
internal sealed record CapacityTotals(
    int AgentsConnected, int TotalCapacity, int SwarmEnabledCount, int LocalOllamaCount, int IdeEnabledCount, int ActiveTunnels, int PeerDirectAccepted, int PeerDirectCompleted, int BlacklistedAgents);

/// <summary>One agent.</summary>
internal sealed record AgentCapacity
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>State.</summary>
    public required string Status { get; init; }

    /// <summary>Operating system.</summary>
    public required string Os { get; init; }

    /// <summary>Version of its program.</summary>
    public required string Version { get; init; }

    /// <summary>Mode.</summary>
    public required string Mode { get; init; }

    /// <summary>Whether it has a proven model.</summary>
    public required bool LocalModelEnabled { get; init; }

    /// <summary>Where its models run.</summary>
    public required string LocalModelProvider { get; init; }

    /// <summary>Proven models.</summary>
    public required IReadOnlyList<string> LocalModelCatalog { get; init; }

    /// <summary>Kind of client.</summary>
    public required string ClientType { get; init; }

    /// <summary>Whether it works for others: active.</summary>
    public required bool SwarmEnabled { get; init; }

    /// <summary>Whether an editor uses it.</summary>
    public required bool IdeEnabled { get; init; }

    /// <summary>Slots.</summary>
    public required int MaxConcurrentTasks { get; init; }

    /// <summary>Agents it has a tunnel to.</summary>
    public required IReadOnlyList<string> ConnectedPeers { get; init; }

    /// <summary>Why it is approved, or is not.</summary>
    public string? EnrollmentReason { get; init; }

    /// <summary>Power readings, when fresh.</summary>
    public PowerTelemetry? PowerTelemetry { get; init; }

    /// <summary>Model in use.</summary>
    public string? ActiveModel { get; init; }

    /// <summary>Its parameters.</summary>
    public long? ActiveModelParamSize { get; init; }

    /// <summary>Whether models are being exchanged.</summary>
    public bool? ModelSwapInProgress { get; init; }

    /// <summary>Ed25519, SPKI PEM.</summary>
    public string? PublicKeyPem { get; init; }

    /// <summary>X25519, base64.</summary>
    public string? X25519PublicKey { get; init; }

    /// <summary>Sandbox.</summary>
    public required string SandboxMode { get; init; }

    /// <summary>Last valid signed request.</summary>
    public required long LastSeenMs { get; init; }

    /// <summary>Integrity of its program.</summary>
    public string? VerificationStatus { get; init; }

    /// <summary>Whether it is banned.</summary>
    public required bool Blacklisted { get; init; }

    /// <summary>What the power policy says.</summary>
    public required PowerListing PowerPolicy { get; init; }
}

/// <summary>Messages of the status routes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(FeaturesAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(CapacityAnswer))]
internal sealed partial class StatusJson : JsonSerializerContext;
