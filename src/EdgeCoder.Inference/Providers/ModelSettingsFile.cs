using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Inference.Providers;

/// <summary><c>models.json</c> of the configuration directory, as written.</summary>
internal sealed record ModelSettingsFile
{
    public Dictionary<string, string>? Roles { get; init; }

    /// <summary><c>"none"</c> or a list.</summary>
    public JsonElement? Fallback { get; init; }

    public OllamaPart? Ollama { get; init; }

    public List<ServerPart>? Servers { get; init; }

    public bool? Demonstration { get; init; }

    public sealed record OllamaPart(string? Reach, int? ContextWindow);

    public sealed record ServerPart(string? Name, string? Address, string? Reach, string? Model, int? ContextWindow, string? ApiKeyFile);
}

/// <summary>Reads the file; an unknown name in it is a fault, because it would be ignored in silence.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(ModelSettingsFile))]
internal sealed partial class ModelSettingsJson : JsonSerializerContext;
