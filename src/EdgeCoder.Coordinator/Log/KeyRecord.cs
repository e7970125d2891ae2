using System.Text.Json;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Rotations;

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
        var key = identity.Key;
        var signed = SignedKeyStatement.Announce(identity.PeerId, key, nowMs);
        return RecordLeaf.Sign(
            new()
            {
                V = OrderingRecord.Version,
                Id = Guid.NewGuid().ToString("D"),
                EventType = RecordTypes.KeyRotation,
                TaskId = "key:" + key.PublicKey.KeyId,
                ActorId = identity.PeerId,
                Sequence = 1,
                IssuedAtMs = nowMs,
                PrevHash = OrderingRecord.Genesis,
                CoordinatorId = identity.PeerId,
                PayloadJson = JsonElement.Parse(signed.Bytes),
            },
            key);
    }
}
