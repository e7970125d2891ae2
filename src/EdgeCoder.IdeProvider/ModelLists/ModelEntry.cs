using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Tokens;

namespace EdgeCoder.IdeProvider.ModelLists;

/// <summary>A model as the inference service lists it.</summary>
internal sealed record ModelEntry
{
    /// <summary>The model that ships with the program: a demonstration, which answers only who names it.</summary>
    private const string DemonstrationId = "edgecoder-demo";

    /// <summary>Whether it can answer a call that names a way and no model.</summary>
    public bool ServesWays => Facts.Available && Id != DemonstrationId;

    /// <summary>Exact id.</summary>
    public required string Id { get; init; }

    /// <summary>When it was made or found, seconds since 1970.</summary>
    public long Created { get; set; }

    /// <summary>What it can do and where.</summary>
    [JsonPropertyName("edgecoder")]
    public required ModelFacts Facts { get; init; }
}

/// <summary>What is known of a model: the member <c>edgecoder</c> of a list (agent-executor-models 6.2).</summary>
internal sealed record ModelFacts
{
    /// <summary>Whether it can answer now.</summary>
    public bool Available { get; set; }

    /// <summary>Why not.</summary>
    public string? Reason { get; set; }

    /// <summary>Window, in tokens, that was proven or stated.</summary>
    public int? ProvenContext { get; set; }

    /// <summary>Whether it calls tools, in its own form or a translated one.</summary>
    public bool Tools { get; set; }

    /// <summary>Whether it fills in the middle.</summary>
    public bool Fim { get; set; }

    /// <summary>Whether it makes embeddings.</summary>
    public bool Embeddings { get; set; }

    /// <summary>Whether it reads images.</summary>
    public bool Images { get; set; }

    /// <summary>Digest, or <c>unpinned</c>.</summary>
    public string? Digest { get; set; }

    /// <summary><c>this-machine</c>, <c>team</c> or <c>external</c>.</summary>
    public string? Reach { get; set; }

    /// <summary>Provider: <c>edgecoder-local</c>, <c>ollama-local</c>, or <c>openai-compatible/NAME</c>.</summary>
    public string? Provider { get; set; }

    /// <summary>Whether it is the active model.</summary>
    public bool Active { get; set; }

    /// <summary>How its server counts tokens, as a preflight measured it.</summary>
    public TokenEstimate? Estimate { get; set; }

    /// <summary>How fast it works, as a preflight measured it.</summary>
    public SpeedFacts? Speed { get; set; }
}

/// <summary>How fast a model works.</summary>
/// <param name="LoadMs">Time to load it, in milliseconds.</param>
/// <param name="PrefillPerSecond">Prompt tokens read in a second; above 0.</param>
/// <param name="DecodePerSecond">Tokens written in a second; above 0.</param>
internal sealed record SpeedFacts(double LoadMs, double PrefillPerSecond, double DecodePerSecond);

/// <summary>The list.</summary>
/// <param name="Data">Its models.</param>
internal sealed record ModelPage(IReadOnlyList<ModelEntry> Data);

/// <summary>How lists are read and written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelPage))]
internal sealed partial class ModelListJson : JsonSerializerContext;
