using System.Text;
using System.Text.Json;

namespace EdgeCoder.Inference.Completions;

/// <summary>Reads <c>messages</c>: every role, text or part list, <c>null</c> where the API allows it. Nothing of a message is left out in silence.</summary>
internal static class MessageReader
{
    private const int MostMessages = 10_000;

    /// <summary>The messages. Throws <see cref="ApiFault"/> that names the one at fault.</summary>
    public static IReadOnlyList<ConversationMessage> Read(JsonElement body)
    {
        if (body.List("messages") is not { } list || list.GetArrayLength() is 0 or > MostMessages)
        {
            throw ApiFault.Invalid("messages", $"1 to {MostMessages} messages are expected");
        }

        var messages = new List<ConversationMessage>(list.GetArrayLength());
        foreach (var message in list.EnumerateArray())
        {
            messages.Add(One(message, $"messages[{messages.Count}]"));
        }

        return messages;
    }

    private static ConversationMessage One(JsonElement message, string at)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            throw ApiFault.Invalid(at, "an object is expected");
        }

        switch (message.Text("role", at + ".role"))
        {
            case "system" or "developer":
                return new("system", Content(message, at));
            case "user":
                return new("user", Content(message, at));
            case "tool":
                var id = message.Text("tool_call_id", at + ".tool_call_id");
                return new("tool", Content(message, at)) { CallId = string.IsNullOrEmpty(id) ? throw ApiFault.Invalid(at + ".tool_call_id", "the id of the call that it answers is expected") : id };
            case "assistant":
                var calls = Calls(message, at);
                return new("assistant", calls.Count > 0 && message.Member("content") is null ? "" : AssistantText(message, at)) { Calls = calls };
            case "function":
                throw ApiFault.Unsupported(at + ".role", "use the role tool");
            default:
                throw ApiFault.Invalid(at + ".role", "system, developer, user, assistant or tool is expected");
        }
    }

    private static string AssistantText(JsonElement message, string at) =>
        message.Member("content") is null && message.Text("refusal", at + ".refusal") is { } refusal ? refusal : Content(message, at);

    private static string Content(JsonElement message, string at)
    {
        at += ".content";
        return message.Member("content") switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { ValueKind: JsonValueKind.Array } parts when parts.GetArrayLength() > 0 => Parts(parts, at),
            _ => throw ApiFault.Invalid(at, "a text or a list of parts is expected"),
        };
    }

    private static string Parts(JsonElement parts, string at)
    {
        if (parts.GetArrayLength() == 1)
        {
            return Part(parts[0], at + "[0]");
        }

        var text = new StringBuilder();
        foreach (var part in parts.EnumerateArray().Index())
        {
            text.Append(Part(part.Item, $"{at}[{part.Index}]"));
        }

        return text.ToString();
    }

    private static string Part(JsonElement part, string at)
    {
        if (part.ValueKind != JsonValueKind.Object)
        {
            throw ApiFault.Invalid(at, "an object is expected");
        }

        return part.Text("type", at + ".type") switch
        {
            "text" => part.Text("text", at + ".text") ?? throw ApiFault.Invalid(at + ".text", "a text is expected"),
            "refusal" => part.Text("refusal", at + ".refusal") ?? throw ApiFault.Invalid(at + ".refusal", "a text is expected"),
            "image_url" or "input_image" => throw ApiFault.Unsupported(at, "models are given text only; an image would be lost"),
            "input_audio" or "file" => throw ApiFault.Unsupported(at, "models are given text only; this part would be lost"),
            _ => throw ApiFault.Invalid(at + ".type", "text is expected"),
        };
    }

    private static List<MadeCall> Calls(JsonElement message, string at)
    {
        if (message.Member("function_call") is not null)
        {
            throw ApiFault.Unsupported(at + ".function_call", "use tool_calls");
        }

        var calls = new List<MadeCall>();
        foreach (var call in message.List("tool_calls", at + ".tool_calls")?.EnumerateArray() ?? default)
        {
            var here = $"{at}.tool_calls[{calls.Count}]";
            var function = call.ValueKind == JsonValueKind.Object ? call.Object("function", here + ".function") : null;
            if (function is null || call.Text("id", here + ".id") is not { Length: > 0 } id || function.Value.Text("name", here + ".function.name") is not { Length: > 0 } name)
            {
                throw ApiFault.Invalid(here, "an id and a function with its name and arguments are expected");
            }

            calls.Add(new(id, name, function.Value.Text("arguments", here + ".function.arguments") ?? "{}"));
        }

        return calls;
    }
}
