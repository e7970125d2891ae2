using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace EdgeCoder.Inference.Completions;

/// <summary>Schemas while they are rewritten.</summary>
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class SchemaJson : JsonSerializerContext;
