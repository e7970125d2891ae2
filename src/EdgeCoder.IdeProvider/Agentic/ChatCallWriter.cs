using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>Writes what an agent asks as a streamed call of the chat API, without a model: the route puts it in.</summary>
internal static class ChatCallWriter
{
    /// <summary>The call.</summary>
    public static ReadOnlyMemory<byte> Write(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("stream", true);
            json.WriteStartArray("messages");
            foreach (var message in messages)
            {
                Message(json, message);
            }

            json.WriteEndArray();
            Options(json, options);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void Message(Utf8JsonWriter json, ChatMessage message)
    {
        var results = message.Contents.OfType<FunctionResultContent>().ToList();
        foreach (var result in results)
        {
            json.WriteStartObject();
            json.WriteString("role", "tool");
            json.WriteString("tool_call_id", result.CallId);
            json.WriteString("content", Text(result.Result));
            json.WriteEndObject();
        }

        var calls = message.Contents.OfType<FunctionCallContent>().ToList();
        if (results.Count > 0 && message.Text.Length == 0 && calls.Count == 0)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("role", message.Role.Value);
        json.WriteString("content", message.Text);
        if (calls.Count > 0)
        {
            json.WriteStartArray("tool_calls");
            foreach (var call in calls)
            {
                json.WriteStartObject();
                json.WriteString("id", call.CallId);
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", call.Name);
                json.WriteString("arguments", Arguments(call));
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Options(Utf8JsonWriter json, ChatOptions? options)
    {
        if (options?.Seed is { } seed)
        {
            json.WriteNumber("seed", seed);
        }

        if (options?.Temperature is { } temperature)
        {
            // As it is written, not as the nearest double is.
            json.WritePropertyName("temperature");
            json.WriteRawValue(temperature.ToString("R", CultureInfo.InvariantCulture));
        }

        if (options?.MaxOutputTokens is { } most)
        {
            json.WriteNumber("max_tokens", most);
        }

        var tools = (options?.Tools ?? []).OfType<AIFunctionDeclaration>().ToList();
        if (tools.Count > 0)
        {
            json.WriteStartArray("tools");
            foreach (var tool in tools)
            {
                json.WriteStartObject();
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", tool.Name);
                json.WriteString("description", tool.Description);
                json.WritePropertyName("parameters");
                tool.JsonSchema.WriteTo(json);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        JsonElement element => element.GetRawText(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Arguments(FunctionCallContent call)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
            {
                json.WritePropertyName(name);
                if (value is JsonElement element)
                {
                    element.WriteTo(json);
                }
                else
                {
                    json.WriteStringValue(Text(value));
                }
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
