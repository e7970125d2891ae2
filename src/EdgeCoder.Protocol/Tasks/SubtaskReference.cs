using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol.Tasks;

/// <summary>A subtask named by another of the same plan: by key or supplied id, or by 0-based index.</summary>
/// <param name="Key">Key or id; null when it is an index.</param>
/// <param name="Index">Index; meaningless with a key.</param>
[JsonConverter(typeof(Converter))]
public readonly record struct SubtaskReference(string? Key, int Index)
{
    /// <summary>Reads and writes a string or an integer.</summary>
    public sealed class Converter : JsonConverter<SubtaskReference>
    {
        /// <inheritdoc/>
        public override SubtaskReference Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.String => new(reader.GetString(), 0),
            JsonTokenType.Number when reader.TryGetInt32(out var index) => new(null, index),
            _ => throw new JsonException("A dependency is a key or an index."),
        };

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, SubtaskReference value, JsonSerializerOptions options)
        {
            if (value.Key is { } key)
            {
                writer.WriteStringValue(key);
            }
            else
            {
                writer.WriteNumberValue(value.Index);
            }
        }
    }
}
