using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Files;

/// <summary>Arguments of a call, which have passed the tool's schema.</summary>
internal static class ToolArguments
{
    /// <summary>A text that must be there.</summary>
    public static string Text(this JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new ToolException($"{name} must be a string.");

    /// <summary>A text that may be absent.</summary>
    public static string? TextOrNull(this JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A number within bounds; another one is brought to the nearest bound.</summary>
    public static int Number(this JsonElement arguments, string name, int usual, int least, int most) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? (int)Math.Clamp(value.GetDouble(), least, most) : usual;

    /// <summary>Yes or no; absent: no.</summary>
    public static bool Flag(this JsonElement arguments, string name) => arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>The arguments with their names in order and no white space: the same call gives the same text.</summary>
    public static string Canonical(this JsonElement arguments)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            Write(writer, arguments);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
