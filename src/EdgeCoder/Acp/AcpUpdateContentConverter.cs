using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Acp;

/// <summary>Writes the content of an update as the block or the list that it is. It is never read here.</summary>
internal sealed class AcpUpdateContentConverter : JsonConverter<AcpUpdateContent>
{
    /// <inheritdoc/>
    public override AcpUpdateContent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new JsonException("Updates go to the client only.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, AcpUpdateContent value, JsonSerializerOptions options)
    {
        if (value.Message is { } message)
        {
            JsonSerializer.Serialize(writer, message, AcpJson.Default.AcpText);
        }
        else
        {
            JsonSerializer.Serialize(writer, value.Tool ?? [], AcpJson.Default.IReadOnlyListAcpToolContent);
        }
    }
}
