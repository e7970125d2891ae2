using System.Text.Json;
using EdgeCoder.Agent.Redaction;

namespace EdgeCoder.IdeProvider.Egress;

/// <summary>What left this machine for a request (agent-executor-models 0): where to, how much, and what was taken out before.</summary>
/// <param name="Destination">Address of the coordinator, without path.</param>
/// <param name="Bytes">Bytes of UTF-8 of the texts that were sent.</param>
/// <param name="Redactions">What was taken out, by kind.</param>
internal sealed record EgressNote(string Destination, long Bytes, IReadOnlyDictionary<RedactionKind, int> Redactions)
{
    /// <summary>Writes it as the member <c>egress</c>.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("egress");
        writer.WriteStartObject();
        writer.WriteString("destination", Destination);
        writer.WriteNumber("bytes", Bytes);
        writer.WriteStartObject("redactions");
        foreach (var (kind, count) in Redactions)
        {
            writer.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(kind.ToString()), count);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}
