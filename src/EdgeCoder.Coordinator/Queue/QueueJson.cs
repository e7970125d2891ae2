using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>JSON that the queue keeps in columns.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(AttemptLimits))]
internal sealed partial class QueueJson : JsonSerializerContext;
