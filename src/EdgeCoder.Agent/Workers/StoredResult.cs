using System.Text.Json.Serialization;

namespace EdgeCoder.Agent.Workers;

/// <summary>A signed report that waits for its coordinator.</summary>
public sealed record StoredResult
{
    /// <summary>Lease; there is one report for each.</summary>
    public required string LeaseId { get; init; }

    /// <summary>Subtask.</summary>
    public required string SubtaskId { get; init; }

    /// <summary>Coordinator that granted the lease: results go home (coordinator-and-mesh 10).</summary>
    public required string HomePeerId { get; init; }

    /// <summary>Its address.</summary>
    public required string HomeUrl { get; init; }

    /// <summary>Its key, SPKI PEM.</summary>
    public required string HomeKeyPem { get; init; }

    /// <summary>The exact body of <c>POST /result</c>.</summary>
    public required byte[] Report { get; init; }

    /// <summary>SHA-256 of blobs that the report names; they go first.</summary>
    public IReadOnlyList<string> Blobs { get; init; } = [];

    /// <summary>When it was signed.</summary>
    public required long SignedAtMs { get; init; }
}

/// <summary>A report whose coordinator has answered for good.</summary>
/// <param name="LeaseId">Lease.</param>
/// <param name="SubtaskId">Subtask.</param>
/// <param name="AtMs">When.</param>
/// <param name="Refusal">Code of the refusal; null: it was taken.</param>
/// <param name="Detail">The coordinator's words.</param>
public sealed record FiledResult(string LeaseId, string SubtaskId, long AtMs, string? Refusal, string? Detail);

/// <summary>How the outbox is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredResult))]
[JsonSerializable(typeof(FiledResult))]
internal sealed partial class OutboxJson : JsonSerializerContext;
