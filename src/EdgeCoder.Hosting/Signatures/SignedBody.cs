using System.Text.Json;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>
/// What the checks look at in a body: who it says acts, which leases it names, and the key of a registration. Read without trust and in one pass; a body that
/// is no JSON says nothing here and is refused by its route.
/// </summary>
internal sealed record SignedBody
{
    private const int MostLeases = 256;

    /// <summary>Every id in a member that names who acts: <c>agentId</c>, <c>fromAgentId</c>, <c>byAgentId</c>.</summary>
    public List<string> Actors { get; } = [];

    /// <summary>Leases in <c>leaseId</c> and <c>leases[].leaseId</c>.</summary>
    public List<string> Leases { get; } = [];

    /// <summary>Every <c>publicKeyPem</c>.</summary>
    public List<string> Keys { get; } = [];

    /// <summary>Every <c>peerId</c>.</summary>
    public List<string> Peers { get; } = [];

    public static SignedBody Read(ReadOnlySpan<byte> body)
    {
        var read = new SignedBody();
        if (body.IsEmpty)
        {
            return read;
        }

        try
        {
            var reader = new Utf8JsonReader(body);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                read.ReadMembers(ref reader);
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Its route refuses it. What was read up to the fault still counts.
        }

        return read;
    }

    private void ReadMembers(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var target = reader.ValueTextEquals("agentId"u8) || reader.ValueTextEquals("fromAgentId"u8) || reader.ValueTextEquals("byAgentId"u8) ? Actors
                : reader.ValueTextEquals("leaseId"u8) ? Leases
                : reader.ValueTextEquals("publicKeyPem"u8) ? Keys
                : reader.ValueTextEquals("peerId"u8) ? Peers
                : null;
            var leases = reader.ValueTextEquals("leases"u8);
            reader.Read();
            if (target is not null && reader.TokenType == JsonTokenType.String)
            {
                target.Add(reader.GetString()!);
            }
            else if (leases && reader.TokenType == JsonTokenType.StartArray)
            {
                ReadLeases(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadLeases(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isLease = reader.ValueTextEquals("leaseId"u8);
                reader.Read();
                if (isLease && reader.TokenType == JsonTokenType.String && Leases.Count < MostLeases)
                {
                    Leases.Add(reader.GetString()!);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
    }
}
