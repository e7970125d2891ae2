using System.Text.Json.Serialization;

namespace EdgeCoder.Inference.Swaps;

/// <summary>Body of <c>POST /model/swap</c> and <c>POST /model/pull</c>.</summary>
/// <param name="Model">Exact id, or PROVIDER/ID.</param>
/// <param name="Activate">Whether it is to become the active one; true when absent.</param>
internal sealed record SwapRequest(string? Model, bool? Activate);

/// <summary>Answer to a swap.</summary>
/// <param name="Previous">Id of the model that was active before; absent when none was.</param>
/// <param name="Active">Id of the model that is active now; absent when none is.</param>
/// <param name="Status"><c>ready</c>, <c>pulling</c> or <c>error</c>.</param>
/// <param name="ParamSize">Parameters of the active model as people write them.</param>
/// <param name="Progress">Of the pull, 0–100.</param>
/// <param name="Error">Code and reason.</param>
internal sealed record SwapAnswer(string? Previous, string? Active, string Status, string? ParamSize, int? Progress = null, string? Error = null);

/// <summary>Answer of <c>GET /model/status</c>.</summary>
internal sealed record ModelStatusView
{
    /// <summary>Id of the model that a request without a name would get; absent when there is none.</summary>
    public string? Model { get; init; }

    public string? ParamSize { get; init; }

    /// <summary><c>ready</c>, <c>loading</c>, <c>no_model</c> or <c>error</c>.</summary>
    public required string Status { get; init; }

    public bool OllamaHealthy { get; init; }

    /// <summary>0–100, while a pull runs.</summary>
    public int? PullProgress { get; init; }

    public string? Digest { get; init; }

    public string? Provider { get; init; }

    public int? ProvenContext { get; init; }

    /// <summary>Model that becomes the active one when it is here.</summary>
    public string? PendingActivation { get; init; }

    public string? Error { get; init; }
}

/// <summary>A line of <c>GET /model/list</c>.</summary>
internal sealed record ModelListView(
    string ModelId, string? ParamSize, string? Quantization, bool Installed, bool Active, string Source, string Digest, int? ProvenContext);

/// <summary>Answer of <c>GET /model/pull/progress</c>; only <see cref="Status"/> when nothing is pulled.</summary>
/// <param name="Status"><c>idle</c>, <c>pulling_model</c>, <c>activating</c>, <c>ready</c> or <c>error</c>.</param>
/// <param name="Model">The model.</param>
/// <param name="ProgressPct">0–100, of the whole.</param>
/// <param name="Completed">Bytes that are here.</param>
/// <param name="Total">Bytes of the whole; 0 until known.</param>
/// <param name="StartedAtMs">Epoch milliseconds.</param>
/// <param name="Error">Code and reason; stays until the next pull.</param>
internal sealed record PullView(string Status, string? Model = null, int? ProgressPct = null, long? Completed = null, long? Total = null, long? StartedAtMs = null, string? Error = null)
{
    /// <summary>Nothing is pulled.</summary>
    public static PullView Idle { get; } = new("idle");
}

/// <summary>JSON of these views; what is absent is left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SwapRequest))]
[JsonSerializable(typeof(SwapAnswer))]
[JsonSerializable(typeof(ModelStatusView))]
[JsonSerializable(typeof(IReadOnlyList<ModelListView>))]
[JsonSerializable(typeof(PullView))]
[JsonSerializable(typeof(PullMemory))]
internal sealed partial class SwapsJson : JsonSerializerContext;
