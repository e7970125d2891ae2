using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace EdgeCoder.Protocol.Canonical;

/// <summary>
/// The canonical form of JSON (RFC 8785), over which documents are signed and hashed. Input is read strictly: UTF-8, one value, no comments or trailing
/// commas, at most 64 levels, no repeated member, no lone surrogate, no number beyond a double.
/// </summary>
public static class CanonicalJson
{
    /// <summary>The canonical form of JSON text. Throws <see cref="JsonException"/> for text that is not strict JSON.</summary>
    public static byte[] Write(ReadOnlySpan<byte> json) => Make(json, static written => written.ToArray());

    /// <summary>The canonical form of a value.</summary>
    public static byte[] Write<T>(T value, JsonTypeInfo<T> type) => Write(JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>The canonical form of a node.</summary>
    public static byte[] Write(JsonNode? node) => Write(Encoding.UTF8.GetBytes(node is null ? "null" : node.ToJsonString()));

    /// <summary>The canonical form of an element.</summary>
    public static byte[] Write(JsonElement element) => Write(Encoding.UTF8.GetBytes(element.GetRawText()));

    /// <summary>The canonical form of JSON text; null for text that is not strict JSON.</summary>
    public static byte[]? TryWrite(ReadOnlySpan<byte> json)
    {
        try
        {
            return Write(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether bytes are their own canonical form. Bytes that are no JSON are not.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> json)
    {
        var writer = CanonicalWriter.Rent();
        try
        {
            return writer.Write(json).SequenceEqual(json);
        }
        catch (JsonException)
        {
            return false;
        }
        finally
        {
            CanonicalWriter.Return(writer);
        }
    }

    private static T Make<T>(ReadOnlySpan<byte> json, Func<ReadOnlySpan<byte>, T> make)
    {
        var writer = CanonicalWriter.Rent();
        try
        {
            return make(writer.Write(json));
        }
        finally
        {
            CanonicalWriter.Return(writer);
        }
    }
}
