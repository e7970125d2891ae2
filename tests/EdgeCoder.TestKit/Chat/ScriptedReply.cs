using System.Text.Json;
using Microsoft.Extensions.AI;

namespace EdgeCoder.TestKit.Chat;

/// <summary>One reply of a <see cref="ScriptedChatClient"/>: what a real server would send, good or bad.</summary>
public sealed record ScriptedReply
{
    /// <summary>The text.</summary>
    public string Text { get; init; } = "";

    /// <summary>Reasoning that the provider reports apart from the text.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Tool calls in the provider's own form, after the text.</summary>
    public IReadOnlyList<FunctionCallContent> Calls { get; init; } = [];

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

    /// <summary>Native tool calls; each is a tool and its arguments as JSON. Arguments that are no JSON object arrive as a provider reports them: unread, with the fault.</summary>
    public static ScriptedReply Native(string text, params IReadOnlyList<(string Tool, string Json)> calls) =>
        new() { Text = text, Calls = [.. calls.Select((c, i) => Function(c.Tool, c.Json, i))], Finish = ChatFinishReason.ToolCalls };

    /// <summary>One native tool call without text.</summary>
    public static ScriptedReply NativeCall(string tool, string json) => Native("", (tool, json));

    /// <summary>A tool call as a fenced block, with a sentence before it as models write one.</summary>
    public static ScriptedReply TextCall(string tool, string json, string text = "I do this next.") => $"{text}\n\n```tool_call\n{{\"tool\": \"{tool}\", \"args\": {json}}}\n```\n";

    /// <summary>An answer held to a schema: a tool and its arguments.</summary>
    public static ScriptedReply JsonCall(string tool, string json) => $"{{\"tool\": \"{tool}\", \"args\": {json}}}";

    /// <summary>An edit as a search/replace block.</summary>
    public static ScriptedReply Edit(string path, string search, string replace) => $"The change:\n\n{path}\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n";

    /// <summary>A server that goes away in the middle of a tool call.</summary>
    public static ScriptedReply GoneInCall(string tool) => GoneInMidStream($"```tool_call\n{{\"tool\": \"{tool}\", \"args\": {{}}}}\n```");

    /// <summary>The demonstration model's refusal, marked as its provider marks it.</summary>
    public static ScriptedReply DemonstrationRefusal { get; } = new()
    {
        Text = "This is outside the demonstration model's range.",
        Properties = new() { ["edgecoder.refusal"] = "outside_demonstration_range" },
    };

    private static FunctionCallContent Function(string tool, string json, int index)
    {
        var id = $"call_{index}";
        try
        {
            using var document = JsonDocument.Parse(json);
            return new(id, tool, document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value.Clone()));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return new(id, tool) { Exception = fault };
        }
    }
}
