using System.Buffers;
using System.Text.Json;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Calls;

/// <summary>The schema of an answer in the JSON form: a tool with its arguments, or a final statement.</summary>
internal static class CallSchema
{
    /// <summary>Bounds of numbers are left out: not every constrained decoder can hold a model to them, and the arguments are checked anyway.</summary>
    private static readonly HashSet<string> LeftOut = ["minimum", "maximum", "default", "description", "title", "maxLength"];

    private static readonly JsonElement AnyText = JsonElement.Parse("""{"type":"string"}""");

    /// <summary>The schema for these tools.</summary>
    public static JsonElement Of(IReadOnlyList<ITool> tools) => Of([.. tools.Select(tool => (tool.Name, tool.Schema))], AnyText);

    /// <summary>The schema for tools of these names and arguments. <paramref name="final"/> is that of the statement; without it, a tool must be used.</summary>
    public static JsonElement Of(IReadOnlyList<(string Name, JsonElement Arguments)> tools, JsonElement? final)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("anyOf");
            foreach (var tool in tools)
            {
                Choice(writer, tool.Name, tool.Arguments);
            }

            if (final is { } statement)
            {
                Final(writer, statement);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    /// <summary>A schema without what is left out.</summary>
    public static JsonElement Reduced(JsonElement schema)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Schema(writer, schema);
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    private static void Final(Utf8JsonWriter writer, JsonElement statement)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        writer.WritePropertyName("final");
        statement.WriteTo(writer);
        writer.WriteEndObject();
        writer.WriteRawValueMember("required", """["final"]""");
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteEndObject();
    }

    private static void Choice(Utf8JsonWriter writer, string name, JsonElement arguments)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        writer.WriteStartObject("tool");
        writer.WriteString("const", name);
        writer.WriteEndObject();
        writer.WritePropertyName("args");
        Schema(writer, arguments);
        writer.WriteEndObject();
        writer.WriteRawValueMember("required", """["tool","args"]""");
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteEndObject();
    }

    private static void Schema(Utf8JsonWriter writer, JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            schema.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        foreach (var keyword in schema.EnumerateObject().Where(k => !LeftOut.Contains(k.Name)))
        {
            writer.WritePropertyName(keyword.Name);
            switch (keyword.Name)
            {
                case "properties" when keyword.Value.ValueKind == JsonValueKind.Object:
                    writer.WriteStartObject();
                    foreach (var property in keyword.Value.EnumerateObject())
                    {
                        writer.WritePropertyName(property.Name);
                        Schema(writer, property.Value);
                    }

                    writer.WriteEndObject();
                    break;
                case "items":
                    Schema(writer, keyword.Value);
                    break;
                case "anyOf" or "oneOf" when keyword.Value.ValueKind == JsonValueKind.Array:
                    writer.WriteStartArray();
                    foreach (var choice in keyword.Value.EnumerateArray())
                    {
                        Schema(writer, choice);
                    }

                    writer.WriteEndArray();
                    break;
                default:
                    keyword.Value.WriteTo(writer);
                    break;
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteRawValueMember(this Utf8JsonWriter writer, string name, string json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json);
    }
}
