using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol.Chats;

/// <summary>Body of <c>POST /chat</c> (agent-executor-models 5) and <c>POST /portal/chat</c> (coordinator-and-mesh 11).</summary>
public sealed record ChatRequest
{
    /// <summary>At least one.</summary>
    public IReadOnlyList<ChatTurn>? Messages { get; init; }

    /// <summary>Model; default: the active one.</summary>
    public string? Model { get; init; }

    /// <summary>0 to 2.</summary>
    public float? Temperature { get; init; }

    /// <summary>Most tokens to write.</summary>
    [JsonPropertyName("max_tokens")]
    public int? MaxTokens { get; init; }

    /// <summary>Whether a <see cref="ChatCount"/> comes before the end.</summary>
    [JsonPropertyName("include_usage")]
    public bool? IncludeUsage { get; init; }
}

/// <summary>A message of a chat.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">Text.</param>
public sealed record ChatTurn(string? Role, string? Content);

/// <summary>One event of a chat: a piece of text.</summary>
public sealed record ChatPiece(string Content);

/// <summary>The event before the end of a chat that asked for it: tokens as the model's own tokenizer or its server counted them.</summary>
public sealed record ChatCount(ChatTokens Usage);

/// <summary>Tokens of a chat.</summary>
/// <param name="PromptTokens">Of the messages; absent when nobody counted.</param>
/// <param name="CompletionTokens">Of the answer.</param>
public sealed record ChatTokens(long? PromptTokens, long? CompletionTokens);

/// <summary>The event that ends a broken chat; no <c>[DONE]</c> follows.</summary>
public sealed record ChatBroken(ChatFault Error);

/// <summary>Why a chat broke.</summary>
/// <param name="Code">Stable code.</param>
/// <param name="Message">For a person.</param>
public sealed record ChatFault(string Code, string Message);

/// <summary>502 before the first byte of a chat.</summary>
public sealed record ChatUnavailable(string Error, string? Model, string Detail);
