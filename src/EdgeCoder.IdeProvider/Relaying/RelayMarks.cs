using System.Text.Json;

namespace EdgeCoder.IdeProvider.Relaying;

/// <summary>What an answer says of its way: the member <c>edgecoder</c> and the header <c>X-EdgeCoder-Route</c> (agent-executor-models 6.3).</summary>
internal sealed record RelayMarks
{
    /// <summary><c>edgecoder-local</c>, <c>ollama-local</c>, <c>openai-compatible</c> or <c>swarm</c>.</summary>
    public required string Route { get; init; }

    /// <summary>Model that answered.</summary>
    public required string Model { get; init; }

    /// <summary>Its digest, or <c>unpinned</c>.</summary>
    public required string ModelDigest { get; init; }

    /// <summary>Class of the request.</summary>
    public required string DataClass { get; init; }

    /// <summary>Where it ran: <c>this-machine</c>, <c>team</c> or <c>swarm</c>.</summary>
    public required string RanOn { get; init; }

    /// <summary>Model that was meant, when a fallback of the settings stands in for it.</summary>
    public string? Fallback { get; init; }

    /// <summary>The member with its name and the comma behind it, to stand first in an object.</summary>
    public byte[] Member(TimeSpan latency, bool isOnly)
    {
        using var buffer = new MemoryStream(256);
        buffer.Write("\"edgecoder\":"u8);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("route", Route);
            writer.WriteNumber("latencyMs", (long)Math.Round(latency.TotalMilliseconds));
            writer.WriteString("model", Model);
            writer.WriteString("modelDigest", ModelDigest);
            writer.WriteString("dataClass", DataClass);
            writer.WriteString("ranOn", RanOn);
            if (Fallback is not null)
            {
                writer.WriteString("fallback", Fallback);
            }

            writer.WriteEndObject();
        }

        if (!isOnly)
        {
            buffer.WriteByte((byte)',');
        }

        return buffer.ToArray();
    }
}
