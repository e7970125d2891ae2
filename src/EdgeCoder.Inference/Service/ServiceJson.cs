using System.Text.Json.Serialization;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Metrics;

namespace EdgeCoder.Inference.Service;

/// <summary>Answers of the open and the overview routes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InferenceCounts))]
[JsonSerializable(typeof(OverviewView))]
[JsonSerializable(typeof(SwapHistoryView))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, IReadOnlyList<string>>))]
internal sealed partial class ServiceJson : JsonSerializerContext;

/// <summary>Answer of <c>GET /dashboard/api/overview</c>.</summary>
/// <param name="ActiveModel">Id of the active model; absent when none is.</param>
/// <param name="ActiveModelParamSize">Its parameters as people write them.</param>
/// <param name="OllamaHealthy">Whether Ollama answers, by a real probe.</param>
/// <param name="UptimeSeconds">Since the start.</param>
/// <param name="MemoryMB">Of this process.</param>
/// <param name="Metrics">Counts.</param>
internal sealed record OverviewView(string? ActiveModel, string? ActiveModelParamSize, bool OllamaHealthy, long UptimeSeconds, long MemoryMB, InferenceCounts Metrics);

/// <summary>Answer of <c>GET /dashboard/api/swap-history</c>, newest first.</summary>
internal sealed record SwapHistoryView(IReadOnlyList<SwapRecord> History);
