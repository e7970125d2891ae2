using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Envelopes;
using EdgeCoder.Protocol.Results;

namespace EdgeCoder.Protocol.Documents;

/// <summary>What is signed or hashed without travelling as a document of its own; as <see cref="MeshJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(IdentityStatement))]
[JsonSerializable(typeof(X25519Statement))]
[JsonSerializable(typeof(ReportStatement))]
[JsonSerializable(typeof(ResultContent))]
[JsonSerializable(typeof(EnvelopeHeader))]
[JsonSerializable(typeof(ReplyHeader))]
internal sealed partial class DocumentJson : JsonSerializerContext;
