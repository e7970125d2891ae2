using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>What the log says of a node (coordinator-and-mesh 11): ids and codes only.</summary>
/// <param name="AgentId">The node.</param>
/// <param name="KeyId">Its key.</param>
/// <param name="OldKeyId">With a rotation: the key before.</param>
/// <param name="OwnerAccountId">Its owner.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="Approved">With an approval: what was decided.</param>
internal sealed record NodeEvent(string AgentId, string? KeyId, string? OldKeyId, string? OwnerAccountId, string? Reason, bool? Approved = null);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NodeEvent))]
internal sealed partial class NodeEventJson : JsonSerializerContext;
