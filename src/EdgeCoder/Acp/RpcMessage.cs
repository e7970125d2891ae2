using System.Buffers;
using System.Text.Json;

namespace EdgeCoder.Acp;

/// <summary>Messages of JSON-RPC 2.0 as bytes, each with its line end.</summary>
internal static class RpcMessage
{
    /// <summary>A request.</summary>
    public static byte[] Request(long id, string method, byte[] parameters) => Write(writer =>
    {
        writer.WriteNumber("id", id);
        writer.WriteString("method", method);
        writer.WritePropertyName("params");
        writer.WriteRawValue(parameters);
    });

    /// <summary>A notification.</summary>
    public static byte[] Notification(string method, byte[] parameters) => Write(writer =>
    {
        writer.WriteString("method", method);
        writer.WritePropertyName("params");
        writer.WriteRawValue(parameters);
    });

    /// <summary>An answer.</summary>
    public static byte[] Result(JsonElement id, byte[] result) => Write(writer =>
    {
        writer.WritePropertyName("id");
        id.WriteTo(writer);
        writer.WritePropertyName("result");
        writer.WriteRawValue(result);
    });

    /// <summary>An error; without an id it belongs to a message that could not be read.</summary>
    public static byte[] Error(JsonElement id, int code, string message) => Write(writer =>
    {
        writer.WritePropertyName("id");
        if (id.ValueKind == JsonValueKind.Undefined)
        {
            writer.WriteNullValue();
        }
        else
        {
            id.WriteTo(writer);
        }

        writer.WriteStartObject("error");
        writer.WriteNumber("code", code);
        writer.WriteString("message", message);
        writer.WriteEndObject();
    });

    /// <summary>Which request is not wanted any more.</summary>
    public static byte[] CancelParameters(long id)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteNumber("requestId", id);
            writer.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            write(writer);
            writer.WriteEndObject();
        }

        bytes.Write("\n"u8);
        return bytes.WrittenSpan.ToArray();
    }
}
