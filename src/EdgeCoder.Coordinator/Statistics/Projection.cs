using System.Text.Json;
using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Manifests;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>Makes rows of records of a log, in the transaction that moves its cursor: a record projects exactly once (economy-and-ledger 12).</summary>
internal static class Projection
{
    private const string QuorumRecordType = "quorum_record";

    /// <summary>
    /// Takes in what follows a cursor, in its order; false when the cursor has moved meanwhile, and then nothing is written. What is wrong inside a record of a peer counts for
    /// nothing and stops nobody.
    /// </summary>
    /// <param name="batch">Transaction.</param>
    /// <param name="source">Whose log.</param>
    /// <param name="after">The cursor.</param>
    /// <param name="leaves">What follows, checked as leaves of that log.</param>
    /// <param name="peerKeys">Keys of the peer whose log it is; none for the own log, whose records of a quorum are there already.</param>
    /// <param name="nowMs">Now.</param>
    /// <param name="manifests">Takes manifests of models.</param>
    public static bool Advance(IStoreBatch batch, string source, long after, IReadOnlyList<RecordLeaf> leaves, IReadOnlyList<VerifyingKey> peerKeys, long nowMs, ManifestIntake manifests)
    {
        if (leaves.Count == 0)
        {
            return true;
        }

        var upTo = leaves[^1].Record.Sequence;
        var moved = after == 0
            ? batch.TryInsert(new ProjectionCursorRow { Source = source, Sequence = upTo })
            : batch.Execute("UPDATE projection_cursors SET sequence = $1 WHERE source = $2 AND sequence = $3", upTo, source, after) == 1;
        if (!moved)
        {
            return false;
        }

        foreach (var leaf in leaves)
        {
            Take(batch, source, leaf.Record, peerKeys, nowMs, manifests);
        }

        return true;
    }

    /// <summary>The row of an accrual; null where its members are not those of one.</summary>
    public static ProjectedAccrualRow? Accrual(string source, OrderingRecord record)
    {
        try
        {
            var said = record.PayloadJson!.Value;
            return new()
            {
                Source = source,
                Sequence = record.Sequence,
                AccountId = said.GetProperty("accountId").GetString()!,
                AgentId = said.GetProperty("sourceAgentId").GetString()!,
                CreditsMc = Amount(said, "creditsMc"),
                WeightMicro = Amount(said, "weightMicro"),
                Verified = said.GetProperty("verdict").GetString() == "accepted",
                SameOwner = said.GetProperty("sameOwner").GetBoolean(),
                IssuedAtMs = record.IssuedAtMs,
            };
        }
        catch (Exception fault) when (fault is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static void Take(IStoreBatch batch, string source, OrderingRecord record, IReadOnlyList<VerifyingKey> peerKeys, long nowMs, ManifestIntake manifests)
    {
        switch (record.EventType)
        {
            case RecordTypes.EarningsAccrual when Accrual(source, record) is { } accrual:
                batch.TryInsert(accrual);
                break;
            case RecordTypes.NodeValidation or RecordTypes.NodeApproval when record.TaskId.IndexOf(':', StringComparison.Ordinal) is > 0 and var at:
                Node(batch, source, record.TaskId[..at], record.TaskId[(at + 1)..], record);
                break;
            case QuorumRecordType when peerKeys.Count > 0 && record.PayloadJson is { } payload && SignedQuorumRecord.TryRead(payload, out var signed) is null && signed!.Record.CoordinatorId == source:
                QuorumBook.Receive(batch, signed, peerKeys.FirstOrDefault(signed.IsSignedBy) ?? peerKeys[0], nowMs);
                break;
            case RecordTypes.ModelManifest when peerKeys.Count > 0 && record.PayloadJson is { } manifest:
                manifests.Take(batch, source, manifest, peerKeys, nowMs);
                break;
            default:
                break;
        }
    }

    // The higher sequence wins; a key that is bound says nothing about approval.
    private static void Node(IStoreBatch batch, string source, string kind, string nodeId, OrderingRecord record)
    {
        var decided = record.EventType == RecordTypes.NodeApproval && record.PayloadJson is { } said && said.TryGetProperty("approved", out var approved) ? approved.ValueKind == JsonValueKind.True : (bool?)null;
        if (!batch.TryInsert(new ProjectedNodeRow { Source = source, Kind = kind, NodeId = nodeId, Approved = decided ?? false, LastSeenMs = record.IssuedAtMs, Sequence = record.Sequence }))
        {
            batch.Execute(
                "UPDATE projected_nodes SET approved = CASE WHEN $1 = 1 THEN $2 ELSE approved END, last_seen_ms = $3, sequence = $4 WHERE source = $5 AND kind = $6 AND node_id = $7 AND sequence < $4",
                decided is null ? 0L : 1L, decided ?? false, record.IssuedAtMs, record.Sequence, source, kind, nodeId);
        }
    }

    private static long Amount(JsonElement said, string name) => said.GetProperty(name).GetInt64() is >= 0 and var amount ? amount : throw new FormatException();
}
