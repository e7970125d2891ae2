using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>What the agents' rows keep as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(IReadOnlyList<AgentModelClaim>))]
[JsonSerializable(typeof(PowerTelemetry))]
[JsonSerializable(typeof(PolicySetting))]
[JsonSerializable(typeof(Acknowledged))]
internal sealed partial class AgentJson : JsonSerializerContext;
