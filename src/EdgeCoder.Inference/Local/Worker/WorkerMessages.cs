using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Inference.Local.Worker;

/// <summary>A line to the worker. Exactly one of the arguments is there, and says what is asked.</summary>
internal sealed record WorkerRequest
{
    /// <summary>Number of the request; every reply to it carries it.</summary>
    public required long Id { get; init; }

    /// <summary>Verify and open a model.</summary>
    public LoadArguments? Load { get; init; }

    /// <summary>Continue a conversation or a text.</summary>
    public GenerateArguments? Generate { get; init; }

    /// <summary>Count the tokens of a text.</summary>
    public string? Count { get; init; }

    /// <summary>Write a conversation in the model's own form, and count its tokens.</summary>
    public IReadOnlyList<WorkerTurn>? Render { get; init; }

    /// <summary>Stop the request with this number.</summary>
    public long? Cancel { get; init; }

    /// <summary>Say how it is.</summary>
    public bool? Health { get; init; }

    /// <summary>Free the model.</summary>
    public bool? Unload { get; init; }
}

/// <summary>Which model, and how large.</summary>
internal sealed record LoadArguments
{
    public required string Path { get; init; }

    /// <summary>64 hexadecimal digits; the file is hashed before anything of it is used. Null for a file that nobody vouched for, whose tensors are then checked for impossible values.</summary>
    public string? Sha256 { get; init; }

    public int? ContextSize { get; init; }

    public int? Slots { get; init; }

    public int? Threads { get; init; }
}

/// <summary>One message of a conversation.</summary>
internal sealed record WorkerTurn(string Role, string Text);

/// <summary>What to continue, and how.</summary>
internal sealed record GenerateArguments
{
    /// <summary>A conversation; or</summary>
    public IReadOnlyList<WorkerTurn>? Turns { get; init; }

    /// <summary>a text as it is.</summary>
    public string? Prompt { get; init; }

    /// <summary>What stands behind a gap that begins after <see cref="Prompt"/>.</summary>
    public string? Suffix { get; init; }

    /// <summary>Most tokens to generate; null for what is left of the window, at most <see cref="LlamaWorker.DefaultAnswer"/>.</summary>
    public int? MaxTokens { get; init; }

    public float Temperature { get; init; }

    public float TopP { get; init; } = 1;

    public int TopK { get; init; }

    public uint Seed { get; init; }

    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>GBNF; or</summary>
    public string? Grammar { get; init; }

    /// <summary>a JSON schema; or</summary>
    public JsonElement? JsonSchema { get; init; }

    /// <summary>any JSON object.</summary>
    public bool AnyJson { get; init; }
}

/// <summary>A line from the worker. Exactly one of the answers is there.</summary>
internal sealed record WorkerReply
{
    public required long Id { get; init; }

    /// <summary>Fraction of the model that is loaded; more replies follow.</summary>
    public float? Progress { get; init; }

    /// <summary>The next piece of text; more replies follow.</summary>
    public string? Text { get; init; }

    public WorkerError? Error { get; init; }

    public LoadedReply? Loaded { get; init; }

    public GeneratedReply? Generated { get; init; }

    public int? Count { get; init; }

    public RenderedReply? Rendered { get; init; }

    public HealthReply? Health { get; init; }

    /// <summary>Unloaded, or the request was cancelled.</summary>
    public bool? Done { get; init; }

    /// <summary>Whether no reply to this request follows.</summary>
    [JsonIgnore]
    public bool IsLast => Progress is null && Text is null;
}

/// <summary>A <see cref="Providers.ModelException"/> on its way.</summary>
internal sealed record WorkerError(string Code, string Message, string? Hint);

/// <summary>Facts of the model that is open now.</summary>
internal sealed record LoadedReply
{
    /// <summary>Tokens that prompt and answer may have together.</summary>
    public required int ContextSize { get; init; }

    public required int TrainedContext { get; init; }

    public required long ParameterCount { get; init; }

    public required long SizeBytes { get; init; }

    public required string Description { get; init; }

    /// <summary>What the file says of its licence; null when nothing.</summary>
    public string? License { get; init; }

    public required string Library { get; init; }

    public required int Threads { get; init; }

    public required int Slots { get; init; }
}

/// <summary>The end of a generation.</summary>
internal sealed record GeneratedReply
{
    /// <summary><c>stop</c> or <c>length</c>.</summary>
    public required string End { get; init; }

    public required int PromptTokens { get; init; }

    public required int ReusedTokens { get; init; }

    public required int GeneratedTokens { get; init; }

    public required double MeanLogProbability { get; init; }

    public required double WorstWindowLogProbability { get; init; }

    public required double QueuedMs { get; init; }

    public required double FirstTokenMs { get; init; }

    public required double DecodeMs { get; init; }
}

/// <summary>A conversation in the model's own form.</summary>
internal sealed record RenderedReply(string Text, int Tokens);

/// <summary>How the worker is.</summary>
internal sealed record HealthReply
{
    public required bool Loaded { get; init; }

    /// <summary>How long the running step has taken, in milliseconds; a step that does not end is a hang.</summary>
    public required double StepAgeMs { get; init; }

    public required long Steps { get; init; }
}

/// <summary>JSON of the lines. No reflection: the worker is to start in a fraction of a second.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkerRequest))]
[JsonSerializable(typeof(WorkerReply))]
internal sealed partial class WorkerJson : JsonSerializerContext;
