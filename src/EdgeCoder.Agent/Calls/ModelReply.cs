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

    /// <summary>Tool calls in the provider's own form; absent when there are none.</summary>
    public IReadOnlyList<NativeCall>? Calls { get; init; }

    /// <summary>Whether there is no reply, because the server does not take tools for this model.</summary>
    public bool ToolsRefused { get; init; }

    /// <summary>Why it ended.</summary>
    public required ReplyEnd End { get; init; }

    /// <summary>Whether the provider marked it as the demonstration model's refusal.</summary>
    public bool Refused { get; init; }

    /// <summary>Tokens read, as reported, else as counted.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Tokens written, as reported, else as counted.</summary>
    public required long CompletionTokens { get; init; }
}

/// <summary>A tool call as the provider reported it, unchecked.</summary>
/// <param name="Tool">The name that the model used.</param>
/// <param name="Arguments">The arguments as JSON text; as the model wrote them where the provider could not read them.</param>
internal sealed record NativeCall(string Tool, string Arguments);
