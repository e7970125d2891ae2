using System.Text.Json;
using EdgeCoder.IdeProvider.Egress;

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

    /// <summary>Task of the swarm.</summary>
    public string? TaskId { get; init; }

    /// <summary>What the task cost.</summary>
    public decimal? CreditsSpent { get; init; }

    /// <summary><c>unverified</c> for text that nobody can run again; absent where the question does not arise.</summary>
    public string? Verification { get; init; }

    /// <summary>Whether the counts are this endpoint's estimate, because nobody reported any.</summary>
    public bool UsageIsEstimated { get; init; }

    /// <summary>Members of the request that had no effect there.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>What left this machine; null when nothing did.</summary>
    public EgressNote? Egress { get; init; }

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

            Swarm(writer);
            writer.WriteEndObject();
        }

        if (!isOnly)
        {
            buffer.WriteByte((byte)',');
        }

        return buffer.ToArray();
    }

    private void Swarm(Utf8JsonWriter writer)
    {
        if (TaskId is not null)
        {
            writer.WriteString("taskId", TaskId);
        }

        if (CreditsSpent is { } credits)
        {
            writer.WriteNumber("creditsSpent", credits);
        }

        if (Verification is not null)
        {
            writer.WriteString("verification", Verification);
        }

        if (UsageIsEstimated)
        {
            writer.WriteString("usage", "estimated");
        }

        if (Ignored.Count > 0)
        {
            writer.WriteStartArray("ignored");
            foreach (var name in Ignored)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
        }

        if (Egress is { } left)
        {
            left.Write(writer);
        }
    }
}
