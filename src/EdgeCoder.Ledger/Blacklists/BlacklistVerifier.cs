using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Ledger.Blacklists;

/// <summary>Why a blacklist is not what it says. On the wire in <c>lower_snake_case</c>.</summary>
[JsonConverter(typeof(SnakeCaseEnum<BlacklistFault>))]
public enum BlacklistFault
{
    /// <summary>The audit could not be had, or is none.</summary>
    RequestFailed,

    /// <summary>An event is not at its place or does not name the one before it.</summary>
    HashChainBreak,

    /// <summary>A hash is not that of its bytes, or what is shown is not what was signed.</summary>
    EventHashMismatch,

    /// <summary>No key of a source is known.</summary>
    MissingCoordinatorKey,

    /// <summary>An event is not signed by its source.</summary>
    CoordinatorSignatureInvalid,

    /// <summary>The head is not the hash of the last event of the own chain.</summary>
    ChainHeadMismatch,
}

/// <summary>What was found.</summary>
/// <param name="Fault">Null: every chain is right.</param>
/// <param name="EventsVerified">Events before the fault.</param>
/// <param name="ChainHead">Head of the own chain.</param>
/// <param name="Where">Source and sequence of the fault.</param>
public sealed record BlacklistFinding(BlacklistFault? Fault, int EventsVerified, string? ChainHead, string? Where);

/// <summary>
/// Walks every chain of <c>GET /security/blacklist/audit</c> (economy-and-ledger 14), trusting only the keys that are given: 1. bytes and hash; 2. place and link; 3. key; 4. signature; and at the end
/// 5. the head.
/// </summary>
public static class BlacklistVerifier
{
    private const long MostSkewMs = 600_000;

    /// <summary>Checks an audit. Never throws for what it holds.</summary>
    /// <param name="audit">The answer's bytes.</param>
    /// <param name="ownSource">Whose answer it is.</param>
    /// <param name="keys">Keys by coordinator.</param>
    /// <param name="chains">How those keys were changed, by coordinator; each counts where the given key is one of it, and every key in its time.</param>
    public static BlacklistFinding Check(ReadOnlySpan<byte> audit, string ownSource, IReadOnlyDictionary<string, VerifyingKey> keys, IReadOnlyDictionary<string, KeyChain>? chains = null)
    {
        if (Parse(audit) is not { } answer || answer["events"] is not JsonArray events || answer["chainHead"] is not JsonValue shown || !shown.TryGetValue<string>(out var chainHead)
            || answer["version"] is not JsonValue counted || !counted.TryGetValue<long>(out var version))
        {
            return new(BlacklistFault.RequestFailed, 0, null, null);
        }

        var heads = new Dictionary<string, (long Sequence, string Hash)>(StringComparer.Ordinal);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var verified = 0;
        foreach (var node in events)
        {
            // 1.
            if (!SignedBlacklistEvent.TryRead(node as JsonObject, out var signed) || !signed.HasItsHash)
            {
                return new(BlacklistFault.EventHashMismatch, verified, chainHead, signed is null ? $"event {verified + 1}" : Where(signed));
            }

            // 2.
            var source = signed.Event.SourceCoordinatorId;
            var (sequence, hash) = heads.GetValueOrDefault(source, (0, BlacklistEvent.Genesis));
            if (signed.Event.Sequence != sequence + 1 || signed.Event.PrevEventHash != hash || !ids.Add(signed.Event.EventId))
            {
                return new(BlacklistFault.HashChainBreak, verified, chainHead, Where(signed));
            }

            // 3.
            if (!keys.TryGetValue(source, out var key))
            {
                return new(BlacklistFault.MissingCoordinatorKey, verified, chainHead, Where(signed));
            }

            // 4.
            if (!KeysAt(signed.Event, key, chains?.GetValueOrDefault(source)).Any(signed.IsSignedBy))
            {
                return new(BlacklistFault.CoordinatorSignatureInvalid, verified, chainHead, Where(signed));
            }

            heads[source] = (signed.Event.Sequence, signed.Hash);
            verified++;
        }

        // 5. A chain that was cut at its end has another head, or fewer events than it says.
        return heads.GetValueOrDefault(ownSource, (0, BlacklistEvent.Genesis)).Item2 == chainHead && version == verified
            ? new(null, verified, chainHead, null)
            : new(BlacklistFault.ChainHeadMismatch, verified, chainHead, ownSource);
    }

    // An event's time is its reporter's, which may differ from its source's clock by what is allowed at most.
    private static IEnumerable<VerifyingKey> KeysAt(BlacklistEvent said, VerifyingKey key, KeyChain? chain) =>
        chain?.Of(key) is null ? [key] : chain.Periods.Where(period => period.CountsAt(said.TimestampMs - MostSkewMs) || period.CountsAt(said.TimestampMs + MostSkewMs)).Select(period => period.Key);

    private static JsonObject? Parse(ReadOnlySpan<byte> audit)
    {
        try
        {
            var reader = new Utf8JsonReader(audit, new JsonReaderOptions { MaxDepth = 16 });
            return JsonNode.Parse(ref reader) as JsonObject;
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static string Where(SignedBlacklistEvent signed) => $"{signed.Event.SourceCoordinatorId} {signed.Event.Sequence}";
}
