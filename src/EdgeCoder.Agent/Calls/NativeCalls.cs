using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Agent.Calls;

/// <summary>Tool calls in the provider's own form, as JSON text and back.</summary>
internal static class NativeCalls
{
    /// <summary>Argument under which a call that could not be read goes back into the history.</summary>
    public const string Unreadable = "unreadable_arguments";

    /// <summary>Reads a call. Arguments that the provider could not read stay what they are: the check refuses them with the reason.</summary>
    public static NativeCall Read(FunctionCallContent call) =>
        new(call.Name, call.Exception is { } fault && call.Arguments is null or { Count: 0 } ? $"({fault.Message})" : Write(call.Arguments));

    /// <summary>The call again, for the history.</summary>
    public static FunctionCallContent Content(string id, string tool, string arguments) => new(id, tool, Arguments(arguments));

    private static Dictionary<string, object?> Arguments(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document.RootElement.EnumerateObject().GroupBy(p => p.Name).ToDictionary(g => g.Key, g => (object?)g.Last().Value.Clone());
            }
        }
        catch (JsonException)
        {
            // Told to the model by the result of the call.
        }

        return new() { [Unreadable] = text };
    }

    private static string Write(IDictionary<string, object?>? arguments)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in arguments ?? new Dictionary<string, object?>())
            {
                writer.WritePropertyName(name);
                Write(writer, value);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Without the serializer: providers give elements, nodes or plain values, nothing else.</summary>
    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonElement element:
                element.WriteTo(writer);
                break;
            case JsonNode node:
                node.WriteTo(writer);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case IDictionary<string, object?> map:
                writer.WriteStartObject();
                foreach (var (name, item) in map)
                {
                    writer.WritePropertyName(name);
                    Write(writer, item);
                }

                writer.WriteEndObject();
                break;
            case System.Collections.IEnumerable items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case IFormattable number:
                writer.WriteRawValue(number.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                writer.WriteStringValue(value.ToString());
                break;
        }
    }
}
