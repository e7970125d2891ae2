using System.Buffers;
using System.Text.Json;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Calls;

/// <summary>The schema of an answer in the JSON form: a tool with its arguments, or a final statement.</summary>
internal static class CallSchema
{
    /// <summary>Bounds of numbers are left out: not every constrained decoder can hold a model to them, and the arguments are checked anyway.</summary>
    private static readonly HashSet<string> LeftOut = ["minimum", "maximum", "default", "description", "title", "maxLength"];

    /// <summary>The schema for these tools.</summary>
    public static JsonElement Of(IReadOnlyList<ITool> tools)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("anyOf");
            foreach (var tool in tools)
            {
                Choice(writer, tool);
            }

            writer.WriteRawValue("""{"type":"object","properties":{"final":{"type":"string"}},"required":["final"],"additionalProperties":false}""");
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    private static void Choice(Utf8JsonWriter writer, ITool tool)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        writer.WriteStartObject("tool");
        writer.WriteString("const", tool.Name);
        writer.WriteEndObject();
        writer.WritePropertyName("args");
        Schema(writer, tool.Schema);
        writer.WriteEndObject();
        writer.WriteRawValueMember("required", """["tool","args"]""");
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteEndObject();
    }

    private static void Schema(Utf8JsonWriter writer, JsonElement schema)
    {
        writer.WriteStartObject();
        foreach (var keyword in schema.EnumerateObject().Where(k => !LeftOut.Contains(k.Name)))
        {
            writer.WritePropertyName(keyword.Name);
            switch (keyword.Name)
            {
                case "properties":
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
                case "anyOf" or "oneOf":
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
