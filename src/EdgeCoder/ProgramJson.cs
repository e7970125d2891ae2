using System.Text.Json.Serialization;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Diagnosis;
using EdgeCoder.Inference.Preflight;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder;

/// <summary>How the answers of the commands are written with <c>--json</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<SessionSummary>))]
[JsonSerializable(typeof(IReadOnlyList<ListedModel>))]
[JsonSerializable(typeof(ListedModel))]
[JsonSerializable(typeof(IReadOnlyList<Finding>))]
[JsonSerializable(typeof(ModelChoice))]
[JsonSerializable(typeof(PreflightReport))]
[JsonSerializable(typeof(IReadOnlyList<Mcp.ListedServer>))]
internal sealed partial class ProgramJson : JsonSerializerContext;
