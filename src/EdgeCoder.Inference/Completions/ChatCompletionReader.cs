using System.Text.Json;

namespace EdgeCoder.Inference.Completions;

/// <summary>
/// Reads the request of <c>POST /v1/chat/completions</c> (agent-executor-models 6.3). What is honoured is read; what would change the answer and cannot be
/// done is refused by name; what is unknown is left aside. Nothing is kept of the document.
/// </summary>
internal static class ChatCompletionReader
{
    private const int MostStops = 16;
    private const int MostTools = 512;

    /// <summary>Throws <see cref="ApiFault"/> that names the member.</summary>
    public static ChatCompletionRequest Read(JsonElement body)
    {
        RefuseUnsupported(body);
        var stream = body.Flag("stream") ?? false;
        var streamOptions = body.Object("stream_options");
        if (streamOptions is not null && !stream)
        {
            throw ApiFault.Invalid("stream_options", "only goes with stream: true");
        }

        var tools = Tools(body);
        var (use, named) = Choice(body, tools);
        var (shape, schema, schemaName) = Shape(body);
        return new()
        {
            Model = body.Text("model") is { Length: > 0 } model ? model : null,
            Messages = MessageReader.Read(body),
            Tools = use == ToolUse.None ? [] : tools,
            ToolUse = use,
            NamedTool = named,
            ParallelTools = body.Flag("parallel_tool_calls"),
            Stop = body.Texts("stop", MostStops),
            Seed = body.Whole("seed", long.MinValue, long.MaxValue),
            Temperature = body.Number("temperature", 0, 2),
            TopP = body.Number("top_p", 0, 1),
            FrequencyPenalty = body.Number("frequency_penalty", -2, 2),
            PresencePenalty = body.Number("presence_penalty", -2, 2),
            MaxTokens = (int?)(body.Whole("max_completion_tokens", 1, int.MaxValue) ?? body.Whole("max_tokens", 1, int.MaxValue)),
            Shape = shape,
            Schema = schema,
            SchemaName = schemaName,
            Stream = stream,
            IncludeUsage = streamOptions?.Flag("include_usage", "stream_options.include_usage") ?? false,
        };
    }

    private static void RefuseUnsupported(JsonElement body)
    {
        if (body.Whole("n", 1, 128) is > 1)
        {
            throw ApiFault.Unsupported("n", "one answer is given for a request; ask several times");
        }

        if (body.Flag("logprobs") is true || body.Whole("top_logprobs", 0, 20) is > 0)
        {
            throw ApiFault.Unsupported(body.Flag("logprobs") is true ? "logprobs" : "top_logprobs", "probabilities of tokens are not told");
        }

        if (body.Member("audio") is not null || body.List("modalities")?.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String || item.GetString() != "text") is true)
        {
            throw ApiFault.Unsupported(body.Member("audio") is not null ? "audio" : "modalities", "answers are text");
        }

        if (body.Object("logit_bias")?.EnumerateObject().Any() is true)
        {
            throw ApiFault.Unsupported("logit_bias", "tokens cannot be favoured");
        }

        foreach (var (name, instead) in (ReadOnlySpan<(string, string)>)[("functions", "use tools"), ("function_call", "use tool_choice"), ("web_search_options", "nothing here searches the web")])
        {
            if (body.Member(name) is not null)
            {
                throw ApiFault.Unsupported(name, instead);
            }
        }
    }

    private static List<OfferedTool> Tools(JsonElement body)
    {
        var tools = new List<OfferedTool>();
        if (body.List("tools") is not { } list)
        {
            return tools;
        }

        if (list.GetArrayLength() > MostTools)
        {
            throw ApiFault.Invalid("tools", $"at most {MostTools} tools are expected");
        }

        foreach (var tool in list.EnumerateArray())
        {
            var at = $"tools[{tools.Count}]";
            if (tool.ValueKind != JsonValueKind.Object)
            {
                throw ApiFault.Invalid(at, "an object is expected");
            }

            if (tool.Text("type", at + ".type") is not "function")
            {
                throw ApiFault.Unsupported(at + ".type", "only tools of the type function are known, which the client runs itself");
            }

            var function = tool.Object("function", at + ".function") ?? throw ApiFault.Invalid(at + ".function", "an object is expected");
            var name = function.Text("name", at + ".function.name");
            if (name is not { Length: > 0 and <= 128 } || name.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) || tools.Any(other => other.Name == name))
            {
                throw ApiFault.Invalid(at + ".function.name", "a name of 1 to 128 characters without spaces is expected, which no other tool has");
            }

            tools.Add(new(name, function.Text("description", at + ".function.description") ?? "", function.Object("parameters", at + ".function.parameters")?.Clone() ?? NoParameters));
        }

        return tools;
    }

    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{},"additionalProperties":false}""");

    private static (ToolUse Use, string? Named) Choice(JsonElement body, List<OfferedTool> tools)
    {
        var (use, named) = body.Member("tool_choice") switch
        {
            null => (ToolUse.Auto, null),
            { ValueKind: JsonValueKind.String } word => (word.GetString() switch
            {
                "auto" => ToolUse.Auto,
                "none" => ToolUse.None,
                "required" => ToolUse.Required,
                _ => throw ApiFault.Invalid("tool_choice", "auto, none, required or a function is expected"),
            }, null),
            { ValueKind: JsonValueKind.Object } choice when choice.Text("type", "tool_choice.type") is "function" =>
                (ToolUse.Named, choice.Object("function", "tool_choice.function")?.Text("name", "tool_choice.function.name") ?? throw ApiFault.Invalid("tool_choice.function.name", "a name is expected")),
            _ => throw ApiFault.Invalid("tool_choice", "auto, none, required or a function is expected"),
        };
        if (use is ToolUse.Required && tools.Count == 0)
        {
            throw ApiFault.Invalid("tool_choice", "required needs tools");
        }

        return named is null || tools.Any(tool => tool.Name == named) ? (use, named) : throw ApiFault.Invalid("tool_choice.function.name", $"there is no tool {named} in tools");
    }

    private static (AnswerShape Shape, JsonElement Schema, string? Name) Shape(JsonElement body)
    {
        if (body.Object("response_format") is not { } format)
        {
            return (AnswerShape.Text, default, null);
        }

        switch (format.Text("type", "response_format.type"))
        {
            case "text":
                return (AnswerShape.Text, default, null);
            case "json_object":
                return (AnswerShape.JsonObject, default, null);
            case "json_schema":
                const string At = "response_format.json_schema";
                var outer = format.Object("json_schema", At) ?? throw ApiFault.Invalid(At, "an object is expected");
                var schema = outer.Object("schema", At + ".schema") ?? throw ApiFault.Invalid(At + ".schema", "a JSON schema is expected");
                return (AnswerShape.JsonSchema, schema.Clone(), outer.Text("name", At + ".name"));
            default:
                throw ApiFault.Unsupported("response_format.type", "text, json_object and json_schema are known");
        }
    }
}
