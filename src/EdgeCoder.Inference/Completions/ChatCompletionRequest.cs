using System.Text.Json;

namespace EdgeCoder.Inference.Completions;

/// <summary>A request for a chat completion, as a client meant it.</summary>
internal sealed record ChatCompletionRequest
{
    /// <summary>Exact id; null for the role's model.</summary>
    public string? Model { get; init; }

    /// <summary>The conversation; at least one message.</summary>
    public required IReadOnlyList<ConversationMessage> Messages { get; init; }

    /// <summary>Tools that the client runs. Empty for none.</summary>
    public IReadOnlyList<OfferedTool> Tools { get; init; } = [];

    /// <summary>Whether one of them is to be used.</summary>
    public ToolUse ToolUse { get; init; }

    /// <summary>The tool that must be used, when <see cref="ToolUse"/> is <see cref="ToolUse.Named"/>.</summary>
    public string? NamedTool { get; init; }

    /// <summary>Whether several may be used at once; null for the model's own way.</summary>
    public bool? ParallelTools { get; init; }

    /// <summary>Texts that end the answer.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    public long? Seed { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public float? FrequencyPenalty { get; init; }

    public float? PresencePenalty { get; init; }

    /// <summary>Most tokens of the answer.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Shape of the answer.</summary>
    public AnswerShape Shape { get; init; }

    /// <summary>Schema of the answer, when <see cref="Shape"/> is <see cref="AnswerShape.JsonSchema"/>.</summary>
    public JsonElement Schema { get; init; }

    /// <summary>The client's name of the schema.</summary>
    public string? SchemaName { get; init; }

    public bool Stream { get; init; }

    /// <summary>Whether a last event of the stream tells the counts.</summary>
    public bool IncludeUsage { get; init; }
}

/// <summary>One message. Part lists are one text already.</summary>
/// <param name="Role"><c>system</c> (also for <c>developer</c>), <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Text">Its text; empty where there is none.</param>
internal sealed record ConversationMessage(string Role, string Text)
{
    /// <summary>Calls that the assistant made.</summary>
    public IReadOnlyList<MadeCall> Calls { get; init; } = [];

    /// <summary>The call that a message of the role tool answers.</summary>
    public string? CallId { get; init; }
}

/// <summary>A call of a tool.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Tool">Name of the tool.</param>
/// <param name="Arguments">JSON text, as the model wrote it.</param>
internal sealed record MadeCall(string Id, string Tool, string Arguments);

/// <summary>A tool of the client.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does; empty when not said.</param>
/// <param name="Parameters">JSON schema of its arguments.</param>
internal sealed record OfferedTool(string Name, string Description, JsonElement Parameters);

/// <summary><c>tool_choice</c>.</summary>
internal enum ToolUse
{
    /// <summary>As the model likes.</summary>
    Auto,

    /// <summary>None.</summary>
    None,

    /// <summary>At least one.</summary>
    Required,

    /// <summary>One named.</summary>
    Named,
}

/// <summary><c>response_format</c>.</summary>
internal enum AnswerShape
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>Any JSON object.</summary>
    JsonObject,

    /// <summary>JSON that fits a schema.</summary>
    JsonSchema,
}
