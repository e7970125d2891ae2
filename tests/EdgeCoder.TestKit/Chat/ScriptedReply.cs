using Microsoft.Extensions.AI;

namespace EdgeCoder.TestKit.Chat;

/// <summary>One reply of a <see cref="ScriptedChatClient"/>: what a real server would send, good or bad.</summary>
public sealed record ScriptedReply
{
    /// <summary>The text.</summary>
    public string Text { get; init; } = "";

    /// <summary>Reasoning that the provider reports apart from the text.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Characters per update; a border may fall inside a fence, a tag or a line end.</summary>
    public int ChunkSize { get; init; } = 7;

    /// <summary>Why the reply ends; null when the server does not say.</summary>
    public ChatFinishReason? Finish { get; init; } = ChatFinishReason.Stop;

    /// <summary>Thrown after <see cref="FaultAfterChunks"/> updates.</summary>
    public Exception? Fault { get; init; }

    /// <summary>Updates that still arrive before <see cref="Fault"/>.</summary>
    public int FaultAfterChunks { get; init; }

    /// <summary>Awaited before the first update: a slow server, driven by a signal.</summary>
    public Task? Gate { get; init; }

    /// <summary>Whether the server goes on waiting for <see cref="Gate"/> after a cancellation, as a hung one does.</summary>
    public bool IgnoresCancellation { get; init; }

    /// <summary>Tokens to report; null when the server reports none.</summary>
    public UsageDetails? Usage { get; init; }

    /// <summary>Properties of the last update.</summary>
    public AdditionalPropertiesDictionary? Properties { get; init; }

    /// <summary>A plain reply.</summary>
    public static implicit operator ScriptedReply(string text) => new() { Text = text };

    /// <summary>A fenced block as models write it.</summary>
    public static ScriptedReply Fenced(string code, string tag = "python") => $"Here it is:\n\n```{tag}\n{code}\n```\nDone.";

    /// <summary>A reply that the token limit cut in the middle of its code.</summary>
    public static ScriptedReply CutByLength(string code, string tag = "python") => new() { Text = $"```{tag}\n{code}", Finish = ChatFinishReason.Length };

    /// <summary>A server that goes away after some text.</summary>
    public static ScriptedReply GoneInMidStream(string text, Exception? fault = null) =>
        new() { Text = text, Fault = fault ?? new HttpRequestException("Connection reset by peer"), FaultAfterChunks = 2 };

    /// <summary>A reply that nothing comes of until <paramref name="gate"/> completes.</summary>
    public static ScriptedReply Slow(Task gate, string text = "") => new() { Text = text, Gate = gate };

    /// <summary>The demonstration model's refusal, marked as its provider marks it.</summary>
    public static ScriptedReply DemonstrationRefusal { get; } = new()
    {
        Text = "This is outside the demonstration model's range.",
        Properties = new() { ["edgecoder.refusal"] = "outside_demonstration_range" },
    };
}
