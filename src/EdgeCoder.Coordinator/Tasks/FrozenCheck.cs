using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Checks;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>An acceptance check as it is frozen before the first lease (coordinator-and-mesh 5.1).</summary>
internal static class FrozenCheck
{
    /// <summary>RFC 8785 form and its hex SHA-256; nulls without a check.</summary>
    public static (string? Json, string? Digest) Of(AcceptanceCheck? check)
    {
        if (check is null)
        {
            return default;
        }

        var canonical = CanonicalJson.Write(JsonSerializer.SerializeToUtf8Bytes(check, MeshJson.Default.AcceptanceCheck));
        return (Encoding.UTF8.GetString(canonical), Convert.ToHexStringLower(SHA256.HashData(canonical)));
    }

    /// <summary>Reads a stored check.</summary>
    public static AcceptanceCheck? Read(string? json) => json is null ? null : JsonSerializer.Deserialize(json, MeshJson.Default.AcceptanceCheck);

    /// <summary>The check as a worker may see it: hidden tests stay with verifiers.</summary>
    public static AcceptanceCheck? ForWorkers(string? json) => Read(json) is { } check ? check with { Overlay = null } : null;
}
