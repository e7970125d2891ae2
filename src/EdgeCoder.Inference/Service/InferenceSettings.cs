using System.Text.Json;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Inference.Service;

/// <summary>What the inference role needs to start (environment.md 7). All of it is needed: nothing here can be left out to open a route.</summary>
public sealed record InferenceSettings
{
    /// <summary><c>INFERENCE_AUTH_TOKEN</c>.</summary>
    public required string AuthToken { get; init; }

    /// <summary>Keys of the coordinators that may ask for plans and escalations, by peer id.</summary>
    public required IReadOnlyDictionary<string, VerifyingKey> TrustedCoordinators { get; init; }

    /// <summary>Largest difference between a signature's time and ours. Default 120 s.</summary>
    public TimeSpan MaxSkew { get; init; } = TimeSpan.FromMilliseconds(120_000);

    /// <summary>How long a nonce is remembered. Default 300 s; at least twice <see cref="MaxSkew"/>.</summary>
    public TimeSpan NonceTtl { get; init; } = TimeSpan.FromMilliseconds(300_000);

    /// <summary>Directory of the nonces; absolute.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>
    /// Reads them; every fault goes to <paramref name="reader"/>. In all-in-one <paramref name="madeToken"/> and <paramref name="own"/> are what the
    /// process made for itself; alone, the role has neither and says what to set.
    /// </summary>
    public static InferenceSettings Read(SettingsReader reader, string dataDirectory, string? madeToken = null, KeyValuePair<string, VerifyingKey>? own = null)
    {
        var token = reader.Secret("INFERENCE_AUTH_TOKEN") ?? madeToken;
        if (token is null)
        {
            reader.Refuse("INFERENCE_AUTH_TOKEN must be set: at least 32 random characters, the same at the coordinator.");
        }

        if (!reader.Flag("INFERENCE_REQUIRE_SIGNED_COORDINATOR_REQUESTS", true))
        {
            reader.Refuse("INFERENCE_REQUIRE_SIGNED_COORDINATOR_REQUESTS cannot be false: /decompose and /escalate are always signed. Remove it.");
        }

        var keys = Keys(reader);
        if (own is { } coordinator)
        {
            keys.TryAdd(coordinator.Key, coordinator.Value);
        }

        if (keys.Count == 0)
        {
            reader.Refuse("INFERENCE_COORDINATOR_PEER_ID and INFERENCE_COORDINATOR_PUBLIC_KEY_PEM, or INFERENCE_TRUSTED_COORDINATOR_KEYS_JSON, must name a coordinator.");
        }

        var skew = reader.Milliseconds("INFERENCE_MAX_SIGNATURE_SKEW_MS", 120_000, 1_000, 600_000);
        var ttl = reader.Milliseconds("INFERENCE_NONCE_TTL_MS", 300_000, 1_000, 3_600_000);
        if (ttl < 2 * skew)
        {
            reader.Refuse("INFERENCE_NONCE_TTL_MS must be at least twice INFERENCE_MAX_SIGNATURE_SKEW_MS, else a request could be sent again.");
        }

        return new() { AuthToken = token ?? "", TrustedCoordinators = keys, MaxSkew = skew, NonceTtl = ttl, DataDirectory = dataDirectory };
    }

    private static Dictionary<string, VerifyingKey> Keys(SettingsReader reader)
    {
        var keys = new Dictionary<string, VerifyingKey>(StringComparer.Ordinal);
        var id = reader.Text("INFERENCE_COORDINATOR_PEER_ID");
        var pem = reader.Text("INFERENCE_COORDINATOR_PUBLIC_KEY_PEM");
        if (id is null != pem is null)
        {
            reader.Refuse("INFERENCE_COORDINATOR_PEER_ID and INFERENCE_COORDINATOR_PUBLIC_KEY_PEM belong together. Set both or neither.");
        }
        else if (id is not null && !TryAdd(keys, id, pem))
        {
            reader.Refuse("INFERENCE_COORDINATOR_PEER_ID must be a peer id and INFERENCE_COORDINATOR_PUBLIC_KEY_PEM its Ed25519 key as SPKI PEM.");
        }

        if (reader.Text("INFERENCE_TRUSTED_COORDINATOR_KEYS_JSON") is { } json && !TryAddAll(keys, json))
        {
            reader.Refuse("INFERENCE_TRUSTED_COORDINATOR_KEYS_JSON must be an object of peer ids and their Ed25519 keys as SPKI PEM.");
        }

        return keys;
    }

    private static bool TryAddAll(Dictionary<string, VerifyingKey> keys, string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ServiceJson.Default.DictionaryStringString)?.All(entry => TryAdd(keys, entry.Key, entry.Value)) == true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool TryAdd(Dictionary<string, VerifyingKey> keys, string id, string? pem)
    {
        if (!ClientId.IsValid(id) || !VerifyingKey.TryParse(pem?.Replace("\\n", "\n", StringComparison.Ordinal), out var key))
        {
            return false;
        }

        keys[id] = key;
        return true;
    }
}
