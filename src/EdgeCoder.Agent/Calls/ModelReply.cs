using System.Text.Json.Serialization;
using EdgeCoder.Protocol;

namespace EdgeCoder.Agent.Calls;

/// <summary>Why a reply ended.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ReplyEnd>))]
internal enum ReplyEnd
{
    /// <summary>The model was done.</summary>
    Complete,

    /// <summary>The token limit cut it: never to be run.</summary>
    Length,

    /// <summary>The provider withheld it.</summary>
    Filtered,
}

/// <summary>A whole reply of the model.</summary>
internal sealed record ModelReply
{
    /// <summary>The text, thinking marks included; reasoning that the provider reports apart is not in it.</summary>
    public required string Text { get; init; }

    /// <summary>Why it ended.</summary>
    public required ReplyEnd End { get; init; }

    /// <summary>Whether the provider marked it as the demonstration model's refusal.</summary>
    public bool Refused { get; init; }

    /// <summary>Tokens read, as reported, else as counted.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Tokens written, as reported, else as counted.</summary>
    public required long CompletionTokens { get; init; }
}
