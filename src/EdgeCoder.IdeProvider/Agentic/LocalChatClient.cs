using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Bodies;
using EdgeCoder.IdeProvider.ModelLists;
using EdgeCoder.IdeProvider.Routing;
using Microsoft.Extensions.AI;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>A model of this machine as agents ask it: each call waits in the line of this machine like a call of an editor, and is metered like one.</summary>
/// <param name="local">Where it is asked.</param>
/// <param name="entry">The model.</param>
/// <param name="dataClass">Class of the work.</param>
/// <param name="before">Called before each call; throws <see cref="Refusal"/> when the budget of the key is used up.</param>
/// <param name="used">Told the tokens of each call.</param>
/// <param name="time">The clock.</param>
internal sealed class LocalChatClient(LocalRoute local, ModelEntry entry, DataClass dataClass, Action before, Action<long> used, TimeProvider time) : IChatClient
{
    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <remarks>Throws <see cref="Refusal"/> when the model fails, also in the middle of its answer.</remarks>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        before();
        var body = CallBodyReader.Read(ChatCallWriter.Write(messages, options), CallKind.Chat);
        var calls = new SortedDictionary<int, PartialCall>();
        ChatFinishReason? finish = null;
        await foreach (var (told, source) in local.PiecesAsync(body, dataClass, entry, time.GetTimestamp(), used, cancellationToken).ConfigureAwait(false))
        {
            if (source.Usage is { } usage && finish is not null)
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new() { InputTokenCount = usage.Prompt, OutputTokenCount = usage.Completion, TotalTokenCount = usage.Prompt + usage.Completion })]);
            }

            if (told is not { } piece || !piece.TryGetProperty("choices", out var choices) || choices.ValueKind != JsonValueKind.Array || choices.GetArrayLength() == 0)
            {
                continue;
            }

            var choice = choices[0];
            if (choice.TryGetProperty("delta", out var delta) && delta.ValueKind == JsonValueKind.Object)
            {
                Collect(delta, calls);
                if (delta.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String && content.GetString() is { Length: > 0 } text)
                {
                    yield return new ChatResponseUpdate(ChatRole.Assistant, text);
                }
            }

            if (choice.TryGetProperty("finish_reason", out var reason) && reason.ValueKind == JsonValueKind.String)
            {
                finish = new ChatFinishReason(reason.GetString()!);
                yield return new ChatResponseUpdate(ChatRole.Assistant, [.. calls.Values.Select(call => call.ToContent())]) { FinishReason = finish };
                calls.Clear();
            }
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        // The connections are the endpoint's own.
    }

    private static void Collect(JsonElement delta, SortedDictionary<int, PartialCall> calls)
    {
        if (!delta.TryGetProperty("tool_calls", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        foreach (var item in list.EnumerateArray())
        {
            var index = item.TryGetProperty("index", out var at) && at.TryGetInt32(out var number) ? number : calls.Count;
            if (!calls.TryGetValue(index, out var call))
            {
                calls[index] = call = new();
            }

            call.Id ??= Text(item, "id");
            if (item.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object)
            {
                call.Name.Append(Text(function, "name"));
                call.Arguments.Append(Text(function, "arguments"));
            }
        }
    }

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A call of a tool whose pieces arrive one by one.</summary>
    private sealed class PartialCall
    {
        public string? Id { get; set; }

        public StringBuilder Name { get; } = new();

        public StringBuilder Arguments { get; } = new();

        // Arguments that are no object stay an unreadable call, which goes back to the model with the reason.
        public FunctionCallContent ToContent()
        {
            var (id, name, text) = (Id ?? Guid.NewGuid().ToString("N"), Name.ToString(), Arguments.Length == 0 ? "{}" : Arguments.ToString());
            return FunctionCallContent.CreateFromParsedArguments(text, id, name, static json =>
            {
                using var document = JsonDocument.Parse(json);
                return document.RootElement.EnumerateObject().GroupBy(member => member.Name).ToDictionary(group => group.Key, group => (object?)group.Last().Value.Clone());
            });
        }
    }
}
