using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.IdeProvider.Relaying;

namespace EdgeCoder.IdeProvider.Responses;

/// <summary>
/// Builds a response of the Responses API from the pieces of a chat answer, and the events that tell of it on the way (OpenAI API reference, Responses,
/// streaming events). Pure: it is fed pieces and gives events.
/// </summary>
internal sealed class ResponseWriter(string id, long createdAt, ResponseRequest request)
{
    private readonly List<JsonObject> _output = [];
    private readonly Dictionary<int, (JsonObject Item, int Index, StringBuilder Arguments)> _calls = [];
    private readonly StringBuilder _text = new();
    private JsonObject? _message;
    private int _messageIndex;
    private int _sequence;
    private string? _finish;

    /// <summary>The items of the answer so far.</summary>
    public IReadOnlyList<JsonObject> Output => _output;

    /// <summary>The events that begin it.</summary>
    public IEnumerable<JsonObject> Begin()
    {
        yield return Event("response.created", new() { ["response"] = Response("in_progress", null, null) });
        yield return Event("response.in_progress", new() { ["response"] = Response("in_progress", null, null) });
    }

    /// <summary>The events of one piece.</summary>
    public IEnumerable<JsonObject> Take(JsonElement piece)
    {
        if (!piece.TryGetProperty("choices", out var choices) || choices.ValueKind != JsonValueKind.Array || choices.GetArrayLength() == 0)
        {
            yield break;
        }

        var choice = choices[0];
        if (choice.TryGetProperty("finish_reason", out var reason) && reason.ValueKind == JsonValueKind.String)
        {
            _finish = reason.GetString();
        }

        if (!choice.TryGetProperty("delta", out var delta) || delta.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        if (delta.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String && content.GetString() is { Length: > 0 } text)
        {
            foreach (var said in Say(text))
            {
                yield return said;
            }
        }

        if (delta.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array)
        {
            foreach (var said in calls.EnumerateArray().SelectMany(Call))
            {
                yield return said;
            }
        }
    }

    /// <summary>The events that end it, and the whole response.</summary>
    public IEnumerable<JsonObject> End(AnswerUsage? usage, RelayMarks marks, TimeSpan latency)
    {
        foreach (var said in EndMessage().Concat(EndCalls()))
        {
            yield return said;
        }

        var cut = _finish is "length" or "content_filter";
        Whole = Response(cut ? "incomplete" : "completed", usage, marks);
        if (cut)
        {
            Whole["incomplete_details"] = new JsonObject { ["reason"] = _finish == "length" ? "max_output_tokens" : "content_filter" };
        }

        Whole["edgecoder"] = JsonNode.Parse("{" + Encoding.UTF8.GetString(marks.Member(latency, isOnly: true)) + "}")!["edgecoder"]!.DeepClone();
        yield return Event(cut ? "response.incomplete" : "response.completed", new() { ["response"] = Whole.DeepClone() });
    }

    /// <summary>The event of a failure in the middle.</summary>
    public JsonObject Fail(string code, string message)
    {
        var failed = Response("failed", null, null);
        failed["error"] = new JsonObject { ["code"] = code, ["message"] = message };
        return Event("response.failed", new() { ["response"] = failed });
    }

    /// <summary>The response; there after <see cref="End"/>.</summary>
    public JsonObject? Whole { get; private set; }

    private IEnumerable<JsonObject> Say(string text)
    {
        if (_message is null)
        {
            _messageIndex = _output.Count;
            _message = new() { ["id"] = "msg_" + id[5..], ["type"] = "message", ["status"] = "in_progress", ["role"] = "assistant", ["content"] = new JsonArray() };
            _output.Add(_message);
            yield return Event("response.output_item.added", new() { ["output_index"] = _messageIndex, ["item"] = _message.DeepClone() });
            yield return Event("response.content_part.added", new() { ["item_id"] = (string?)_message["id"], ["output_index"] = _messageIndex, ["content_index"] = 0, ["part"] = Part("") });
        }

        _text.Append(text);
        yield return Event("response.output_text.delta", new() { ["item_id"] = (string?)_message["id"], ["output_index"] = _messageIndex, ["content_index"] = 0, ["delta"] = text, ["logprobs"] = new JsonArray() });
    }

    private IEnumerable<JsonObject> Call(JsonElement call)
    {
        var at = call.TryGetProperty("index", out var given) && given.TryGetInt32(out var number) ? number : 0;
        var function = call.TryGetProperty("function", out var named) ? named : default;
        if (!_calls.TryGetValue(at, out var known))
        {
            var (space, name) = request.Tools.Called(Text(function, "name") ?? "");
            var item = new JsonObject
            {
                ["id"] = $"fc_{id[5..]}_{at}",
                ["type"] = "function_call",
                ["status"] = "in_progress",
                ["call_id"] = Text(call, "id") ?? $"call_{id[5..]}_{at}",
                ["name"] = name,
                ["arguments"] = "",
            };
            if (space is not null)
            {
                item["namespace"] = space;
            }

            _calls[at] = known = (item, _output.Count, new());
            _output.Add(item);
            yield return Event("response.output_item.added", new() { ["output_index"] = known.Index, ["item"] = item.DeepClone() });
        }

        if (Text(function, "arguments") is { Length: > 0 } arguments)
        {
            known.Arguments.Append(arguments);
            yield return Event("response.function_call_arguments.delta", new() { ["item_id"] = (string?)known.Item["id"], ["output_index"] = known.Index, ["delta"] = arguments });
        }
    }

    private IEnumerable<JsonObject> EndMessage()
    {
        if (_message is null)
        {
            yield break;
        }

        var place = new JsonObject { ["item_id"] = (string?)_message["id"], ["output_index"] = _messageIndex, ["content_index"] = 0 };
        var text = _text.ToString();
        _message["content"] = new JsonArray(Part(text));
        _message["status"] = "completed";
        yield return Event("response.output_text.done", With(place, "text", text));
        yield return Event("response.content_part.done", With(place, "part", Part(text)));
        yield return Event("response.output_item.done", new() { ["output_index"] = _messageIndex, ["item"] = _message.DeepClone() });
    }

    private IEnumerable<JsonObject> EndCalls()
    {
        foreach (var (item, index, arguments) in _calls.OrderBy(call => call.Key).Select(call => call.Value))
        {
            item["arguments"] = arguments.ToString();
            item["status"] = "completed";
            yield return Event("response.function_call_arguments.done", new() { ["item_id"] = (string?)item["id"], ["output_index"] = index, ["name"] = (string?)item["name"], ["arguments"] = arguments.ToString() });
            yield return Event("response.output_item.done", new() { ["output_index"] = index, ["item"] = item.DeepClone() });
        }
    }

    private JsonObject Response(string status, AnswerUsage? usage, RelayMarks? marks)
    {
        var body = request.Body;
        return new()
        {
            ["id"] = id,
            ["object"] = "response",
            ["created_at"] = createdAt,
            ["status"] = status,
            ["error"] = null,
            ["incomplete_details"] = null,
            ["instructions"] = body["instructions"]?.DeepClone(),
            ["max_output_tokens"] = body["max_output_tokens"]?.DeepClone(),
            ["model"] = marks?.Model is { Length: > 0 } model ? model : body["model"]?.DeepClone() ?? "edgecoder-auto",
            ["output"] = status == "in_progress" ? new JsonArray() : new JsonArray([.. _output.Select(item => item.DeepClone())]),
            ["parallel_tool_calls"] = body["parallel_tool_calls"]?.DeepClone() ?? true,
            ["previous_response_id"] = request.PreviousId,
            ["reasoning"] = new JsonObject { ["effort"] = null, ["summary"] = null },
            ["store"] = request.Store,
            ["temperature"] = body["temperature"]?.DeepClone(),
            ["text"] = body["text"]?.DeepClone() ?? new JsonObject { ["format"] = new JsonObject { ["type"] = "text" } },
            ["tool_choice"] = body["tool_choice"]?.DeepClone() ?? "auto",
            ["tools"] = body["tools"]?.DeepClone() ?? new JsonArray(),
            ["top_p"] = body["top_p"]?.DeepClone(),
            ["truncation"] = "disabled",
            ["usage"] = usage is { } counts
                ? new JsonObject
                {
                    ["input_tokens"] = counts.Prompt,
                    ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = counts.Cached },
                    ["output_tokens"] = counts.Completion,
                    ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
                    ["total_tokens"] = counts.Prompt + counts.Completion,
                }
                : null,
            ["user"] = body["user"]?.DeepClone(),
            ["metadata"] = body["metadata"]?.DeepClone() ?? new JsonObject(),
        };
    }

    private JsonObject Event(string type, JsonObject members)
    {
        members.Insert(0, "type", type);
        members["sequence_number"] = _sequence++;
        return members;
    }

    private static JsonObject Part(string text) => new() { ["type"] = "output_text", ["text"] = text, ["annotations"] = new JsonArray(), ["logprobs"] = new JsonArray() };

    private static JsonObject With(JsonObject place, string name, JsonNode value)
    {
        var members = (JsonObject)place.DeepClone();
        members[name] = value;
        return members;
    }

    private static string? Text(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
