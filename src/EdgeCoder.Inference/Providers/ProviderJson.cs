using System.Text.Json.Serialization;

namespace EdgeCoder.Inference.Providers;

/// <summary>Records of the servers' APIs that are read here, by source generation.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OllamaTags))]
[JsonSerializable(typeof(OllamaShow))]
[JsonSerializable(typeof(OllamaVersion))]
[JsonSerializable(typeof(OllamaModelName))]
[JsonSerializable(typeof(OllamaPullRecord))]
[JsonSerializable(typeof(OpenAIModels))]
internal sealed partial class ProviderJson : JsonSerializerContext;

internal sealed record OllamaVersion(string? Version);

internal sealed record OllamaModelName(string Model);

internal sealed record OllamaTags(IReadOnlyList<OllamaTag>? Models);

internal sealed record OllamaTag(string Name, string? Digest, long? Size, OllamaDetails? Details, string? RemoteHost, string? RemoteModel)
{
    /// <summary>Whether this server only passes calls on to another one (Ollama's cloud models).</summary>
    [JsonIgnore]
    public bool IsRemote => OllamaRemote.Is(Name, RemoteHost, RemoteModel);
}

internal sealed record OllamaDetails(string? Family, string? ParameterSize, string? QuantizationLevel);

internal sealed record OllamaShow(
    OllamaDetails? Details,
    IReadOnlyDictionary<string, System.Text.Json.JsonElement>? ModelInfo,
    IReadOnlyList<string>? Capabilities,
    string? RemoteHost,
    string? RemoteModel)
{
    /// <summary>Context, in tokens, that the model was made for.</summary>
    [JsonIgnore]
    public int? ContextLength => ModelInfo?.FirstOrDefault(pair => pair.Key.EndsWith(".context_length", StringComparison.Ordinal)).Value is
    { ValueKind: System.Text.Json.JsonValueKind.Number } length && length.TryGetInt32(out var tokens) && tokens > 0
        ? tokens
        : null;
}

internal sealed record OllamaPullRecord(string? Status, string? Digest, long? Total, long? Completed, string? Error);

internal sealed record OpenAIModels(IReadOnlyList<OpenAIModel>? Data);

internal sealed record OpenAIModel(string Id);

/// <summary>How a model shows that a local Ollama does not serve it itself.</summary>
internal static class OllamaRemote
{
    public static bool Is(string name, string? remoteHost, string? remoteModel) =>
        !string.IsNullOrEmpty(remoteHost) || !string.IsNullOrEmpty(remoteModel)
        || name.EndsWith("-cloud", StringComparison.OrdinalIgnoreCase) || name.EndsWith(":cloud", StringComparison.OrdinalIgnoreCase);
}
