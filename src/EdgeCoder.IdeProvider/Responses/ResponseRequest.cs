using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.IdeProvider.Responses;

/// <summary>A request of the Responses API, and the same as a call of the chat API (OpenAI API reference, Responses; agent-executor-models 6.4).</summary>
internal sealed class ResponseRequest
{
    private ResponseRequest(JsonObject body, JsonArray input, ResponseTools tools) =>
        (Body, Input, Tools, Stream, Store) = (body, input, tools, Flag(body, "stream") ?? false, Flag(body, "store") ?? true);

    /// <summary>As received.</summary>
    public JsonObject Body { get; }

    /// <summary>Its input as items.</summary>
    public JsonArray Input { get; }

    /// <summary>The tools that it offers.</summary>
    public ResponseTools Tools { get; }

    /// <summary>Whether it is answered piece by piece.</summary>
    public bool Stream { get; }

    /// <summary>Whether the answer is kept; that API's default is yes.</summary>
    public bool Store { get; }

    /// <summary>The answer that this one continues.</summary>
    public string? PreviousId => Text("previous_response_id");

    /// <summary>Reads it. Throws <see cref="Refusal"/> 400.</summary>
    public static ResponseRequest Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            throw new Refusal(400, "empty_body", "This route takes a JSON body. Send one.");
        }

        JsonObject body;
        try
        {
            body = JsonNode.Parse(bytes.Span, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject ?? throw new JsonException("The body is not an object.");
        }
        catch (InvalidOperationException)
        {
            throw new JsonException("A text is not valid.");
        }

        var input = body["input"] switch
        {
            JsonValue value when value.GetValueKind() == JsonValueKind.String => new JsonArray(new JsonObject { ["type"] = "message", ["role"] = "user", ["content"] = value.GetValue<string>() }),
            JsonArray items => (JsonArray)items.DeepClone(),
            null => throw Wrong("input", "is missing"),
            _ => throw Wrong("input", "must be a text or an array of items"),
        };
        if (Flag(body, "background") == true)
        {
            throw Unsupported("background");
        }

        // What is kept or written elsewhere, and probabilities: an answer without them would be to another question. Hints are passed over.
        foreach (var name in new[] { "prompt", "conversation" }.Where(name => body[name] is not null))
        {
            throw Unsupported(name);
        }

        if (body["top_logprobs"] is JsonValue most && most.GetValueKind() == JsonValueKind.Number && most.GetValue<double>() > 0)
        {
            throw Unsupported("top_logprobs");
        }

        if (body["include"] is JsonArray included && included.Any(item => item is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() == "message.output_text.logprobs"))
        {
            throw Unsupported("include");
        }

        return new(body, input, ResponseTools.Read(body));
    }

    /// <summary>The chat call that asks the same, always as a stream with counts. <paramref name="before"/> are the items of the answers that it continues.</summary>
    public JsonObject ToChat(IEnumerable<JsonNode?> before)
    {
        var messages = new JsonArray();
        if (Text("instructions") is { } instructions)
        {
            messages.Add(new JsonObject { ["role"] = "developer", ["content"] = instructions });
        }

        var index = 0;
        foreach (var item in before)
        {
            Add(messages, item, "previous_response_id");
        }

        foreach (var item in Input)
        {
            Add(messages, item, $"input[{index++}]");
        }

        var chat = new JsonObject { ["messages"] = messages, ["stream"] = true, ["stream_options"] = new JsonObject { ["include_usage"] = true } };
        Copy("model", "model", chat);
        Copy("temperature", "temperature", chat);
        Copy("top_p", "top_p", chat);
        Copy("max_output_tokens", "max_completion_tokens", chat);
        Copy("edgecoder", "edgecoder", chat);
        Copy("user", "user", chat);
        Tools.Write(Body, chat);
        Format(chat);
        return chat;
    }

    private static void Add(JsonArray messages, JsonNode? node, string path)
    {
        var item = node as JsonObject ?? throw Wrong(path, "must be an object");
        switch (Text(item, "type") ?? "message")
        {
            case "message":
                messages.Add(new JsonObject { ["role"] = Text(item, "role") ?? throw Wrong(path + ".role", "is missing"), ["content"] = Content(item["content"], path + ".content") });
                break;
            case "function_call":
                AddCall(messages, item, path);
                break;
            case "function_call_output":
                messages.Add(new JsonObject
                {
                    ["role"] = "tool",
                    ["tool_call_id"] = Text(item, "call_id") ?? throw Wrong(path + ".call_id", "is missing"),
                    ["content"] = Content(item["output"], path + ".output"),
                });
                break;
            case "reasoning":
                break; // What another model thought is nothing that this one could read back.
            case var type:
                throw new Refusal(400, "unsupported_parameter", $"{path} is an item of the type {Short(type)}, which cannot be read here.") { Issues = [new FieldIssue(path, "not supported")] };
        }
    }

    // The chat API holds all calls of one turn in one message.
    private static void AddCall(JsonArray messages, JsonObject item, string path)
    {
        var call = new JsonObject
        {
            ["id"] = Text(item, "call_id") ?? throw Wrong(path + ".call_id", "is missing"),
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = ResponseTools.ChatName(Text(item, "namespace"), Text(item, "name") ?? throw Wrong(path + ".name", "is missing")), ["arguments"] = Text(item, "arguments") ?? "{}" },
        };
        if (messages.LastOrDefault() is JsonObject last && Text(last, "role") == "assistant")
        {
            if (last["tool_calls"] is JsonArray calls)
            {
                calls.Add(call);
            }
            else
            {
                last["tool_calls"] = new JsonArray(call);
            }

            return;
        }

        messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(call) });
    }

    private static JsonNode? Content(JsonNode? content, string path)
    {
        switch (content)
        {
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return value.DeepClone();
            case JsonArray parts:
                var all = new JsonArray();
                foreach (var (part, n) in parts.Select((part, n) => (part as JsonObject ?? throw Wrong($"{path}[{n}]", "must be an object"), n)))
                {
                    all.Add(Text(part, "type") switch
                    {
                        "input_text" or "output_text" or "text" => new JsonObject { ["type"] = "text", ["text"] = Text(part, "text") ?? "" },
                        "refusal" => new JsonObject { ["type"] = "text", ["text"] = Text(part, "refusal") ?? "" },
                        "input_image" => new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = Text(part, "image_url") ?? throw Wrong($"{path}[{n}].image_url", "is missing") } },
                        var type => throw new Refusal(400, "unsupported_parameter", $"{path}[{n}] is a part of the type {Short(type)}, which cannot be read here.") { Issues = [new FieldIssue($"{path}[{n}]", "not supported")] },
                    });
                }

                return all;
            default:
                throw Wrong(path, "must be a text or an array of parts");
        }
    }

    private void Format(JsonObject chat)
    {
        if (Body["text"] is not JsonObject text || text["format"] is not JsonObject format)
        {
            return;
        }

        chat["response_format"] = Text(format, "type") switch
        {
            "text" => new JsonObject { ["type"] = "text" },
            "json_object" => new JsonObject { ["type"] = "json_object" },
            "json_schema" => new JsonObject
            {
                ["type"] = "json_schema",
                ["json_schema"] = new JsonObject { ["name"] = Text(format, "name") ?? "answer", ["schema"] = format["schema"]?.DeepClone(), ["strict"] = format["strict"]?.DeepClone() ?? true },
            },
            _ => throw Unsupported("text.format"),
        };
    }

    private void Copy(string from, string to, JsonObject chat)
    {
        if (Body[from] is { } value)
        {
            chat[to] = value.DeepClone();
        }
    }

    private string? Text(string name) => Text(Body, name);

    private static string? Text(JsonObject of, string name) => of[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static bool? Flag(JsonObject of, string name) => of[name]?.GetValueKind() switch
    {
        null or JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, "must be true or false"),
    };

    private static string Short(string? type) => type is null ? "(none)" : type.Length <= 40 ? type : type[..40] + "…";

    private static Refusal Wrong(string path, string rule) => new(400, "invalid_request", $"{path} {rule}.") { Issues = [new FieldIssue(path, rule)] };

    private static Refusal Unsupported(string path) => new(400, "unsupported_parameter", $"{path} is not supported here. Leave it out.") { Issues = [new FieldIssue(path, "not supported")] };
}
