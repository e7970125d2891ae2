using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>The records of a quorum: own ones, which are signed, chained and leaves of the own log, and those of other members (economy-and-ledger 8.2).</summary>
internal static class QuorumBook
{
    /// <summary>Code of a record of somebody who is no member.</summary>
    public const string NotApproved = "coordinator_not_approved";

    /// <summary>Code of a record that contradicts another of its author.</summary>
    public const string Equivocation = "equivocation";

    private const string Columns = "SELECT document, hash, signature FROM quorum_ledger_records ";

    /// <summary>Signs the next own record and adds it with its leaf. Throws <see cref="QuorumMovedException"/> when another silo was faster: the caller begins anew.</summary>
    public static SignedQuorumRecord Append<T>(IStoreBatch batch, CoordinatorIdentity identity, string recordType, string epochId, T payload, JsonTypeInfo<T> type, long nowMs)
    {
        var (sequence, prevHash) = Head(batch, identity.PeerId);
        var signed = SignedQuorumRecord.Sign(
            new()
            {
                V = QuorumRecord.Version,
                RecordId = Guid.NewGuid().ToString("D"),
                RecordType = recordType,
                EpochId = epochId,
                CoordinatorId = identity.PeerId,
                PrevHash = prevHash,
                PayloadJson = JsonElement.Parse(CanonicalJson.Write(payload, type)),
                CreatedAtMs = nowMs,
            },
            identity.Key);
        if (!batch.TryInsert(Row(signed, sequence + 1, 0, nowMs)))
        {
            throw new QuorumMovedException();
        }

        LogOutbox.Append(batch, "quorum_record", epochId, null, identity.PeerId, signed.Show().GetRawText(), nowMs);
        return signed;
    }

    /// <summary>
    /// Takes in a record of another member, from its log or a message, any number of times. Null when it is there now; else the code of its refusal:
    /// <c>coordinator_not_approved</c>, <c>hash_mismatch</c>, <c>invalid_signature</c>, <c>invalid_prev_hash</c> (a record before it is missing), and <c>equivocation</c> for a
    /// second record after the same one, or a second and different vote, which are kept as evidence.
    /// </summary>
    /// <param name="batch">Transaction.</param>
    /// <param name="signed">What came, its form read.</param>
    /// <param name="key">Key of the member that it names as its author; null where there is none.</param>
    /// <param name="nowMs">Now.</param>
    public static string? Receive(IStoreBatch batch, SignedQuorumRecord signed, VerifyingKey? key, long nowMs)
    {
        if (key is null)
        {
            return NotApproved;
        }

        if (!signed.HasItsHash)
        {
            return "hash_mismatch";
        }

        if (!signed.IsSignedBy(key))
        {
            return "invalid_signature";
        }

        var (author, prevHash) = (signed.Record.CoordinatorId, signed.Record.PrevHash);
        if (batch.Query("SELECT 1 FROM quorum_ledger_records WHERE hash = $1", row => row.Number(0), signed.Hash).Count > 0)
        {
            return null;
        }

        var before = prevHash == QuorumRecord.Genesis ? [0L] : batch.Query("SELECT sequence FROM quorum_ledger_records WHERE hash = $1 AND coordinator_id = $2", row => row.Number(0), prevHash, author);
        if (before is not [var last])
        {
            return "invalid_prev_hash";
        }

        var forks = batch.Query("SELECT fork FROM quorum_ledger_records WHERE coordinator_id = $1 AND sequence = $2", row => row.Number(0), author, last + 1).Count;
        if (!batch.TryInsert(Row(signed, last + 1, forks, nowMs)))
        {
            throw new QuorumMovedException();
        }

        return forks > 0 || (IssuanceVote.Of(signed) is not null && QuorumTally.Equivocates(Votes(batch, signed.Record.EpochId).Where(one => one.Record.CoordinatorId == author).Select(one => IssuanceVote.Of(one)!)))
            ? Equivocation
            : null;
    }

    /// <summary>Records of an epoch, oldest first by their authors' clocks, then by hash.</summary>
    public static IReadOnlyList<SignedQuorumRecord> Of(IStoreBatch batch, string epochId) =>
        batch.Query(Columns + "WHERE epoch_id = $1 ORDER BY created_at_ms, hash", Read, epochId);

    /// <summary>Votes of an epoch.</summary>
    public static IReadOnlyList<SignedQuorumRecord> Votes(IStoreBatch batch, string epochId) =>
        [.. batch.Query(Columns + "WHERE epoch_id = $1 AND record_type = $2", Read, epochId, QuorumRecordTypes.Vote).Where(one => IssuanceVote.Of(one) is not null)];

    private static (long Sequence, string Hash) Head(IStoreBatch batch, string author) => batch.Query(
        "SELECT sequence, hash FROM quorum_ledger_records WHERE coordinator_id = $1 AND fork = 0 ORDER BY sequence DESC LIMIT 1", row => (row.Number(0), row.Text(1)), author) is [var head]
        ? head
        : (0, QuorumRecord.Genesis);

    private static SignedQuorumRecord Read(StoreRow row) =>
        SignedQuorumRecord.TryRead(row.Bytes(0), row.Text(1), row.Text(2), out var signed) is null ? signed! : throw new InvalidDataException($"Record {row.Text(1)} of the quorum is damaged in the store.");

    private static QuorumLedgerRecordRow Row(SignedQuorumRecord signed, long sequence, long fork, long nowMs) => new()
    {
        Hash = signed.Hash,
        CoordinatorId = signed.Record.CoordinatorId,
        PrevHash = signed.Record.PrevHash,
        Sequence = sequence,
        Fork = fork,
        RecordType = signed.Record.RecordType,
        EpochId = signed.Record.EpochId,
        Document = signed.Bytes,
        Signature = signed.Signature,
        CreatedAtMs = signed.Record.CreatedAtMs,
        ReceivedAtMs = nowMs,
    };
}

/// <summary>Another silo wrote the next record.</summary>
internal sealed class QuorumMovedException : Exception;
