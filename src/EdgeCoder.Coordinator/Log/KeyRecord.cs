using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Documents;

namespace EdgeCoder.Coordinator.Log;

/// <summary>
/// The first record of a log: a statement of a key without one before it (economy-and-ledger 16.2). It announces the key by which everything after it is
/// checked, and gives every log a checkpoint.
/// </summary>
internal static class KeyRecord
{
    /// <summary>The record, signed.</summary>
    public static RecordLeaf First(CoordinatorIdentity identity, long nowMs)
    {
        var key = identity.Key.PublicKey;
        var statement = new KeyStatement(nowMs, identity.PeerId, key.KeyId, key.Pem, nowMs, 1);
        var signed = SignedDocument.Sign(DocumentContexts.KeyRotation, statement, KeyStatementJson.Default.KeyStatement, identity.Key);
        return RecordLeaf.Sign(
            new()
            {
                V = OrderingRecord.Version,
                Id = Guid.NewGuid().ToString("D"),
                EventType = RecordTypes.KeyRotation,
                TaskId = "key:" + key.KeyId,
                ActorId = identity.PeerId,
                Sequence = 1,
                IssuedAtMs = nowMs,
                PrevHash = OrderingRecord.Genesis,
                CoordinatorId = identity.PeerId,
                PayloadJson = JsonElement.Parse(signed),
            },
            identity.Key);
    }
}

/// <summary>A key as its coordinator announces it, in canonical order; without <c>oldKeyId</c> it is the log's first.</summary>
internal sealed record KeyStatement(long ActivatesAtMs, string CoordinatorId, string NewKeyId, string NewPublicKey, long OverlapUntilMs, int V);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeyStatement))]
internal sealed partial class KeyStatementJson : JsonSerializerContext;
