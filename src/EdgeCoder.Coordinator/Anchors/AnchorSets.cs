using System.Text;
using System.Text.Json;
using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Witnesses;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Canonical;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>
/// The records <c>anchor_set</c> of the own log (economy-and-ledger 13.2): 1. each member's newest checkpoint that a majority has signed, the signatures checked here; 2. nothing when no log has
/// grown since the last set but by such records; 3. one record, unless another silo has written one that is not a leaf yet.
/// </summary>
internal sealed class AnchorSets(
    LogRows rows, LogCosignatures cosignatures, IAnchorCheckpoints own, PeerDirectory peers, PeerCalls calls, PeerOptions options, AnchorStore anchors, AnchorSettings settings,
    IDbContextFactory<CoordinatorContext> contexts, IStoreWriter writer, TimeProvider time)
{
    /// <summary>Place of the newest set in the own log, 0 before the first; <see cref="long.MaxValue"/> while one waits to become a leaf.</summary>
    public Task<long> NewestAsync(CancellationToken cancellationToken) => writer.WriteAsync(
        batch => IsWaiting(batch) ? long.MaxValue
            : batch.Query("SELECT MAX(sequence) FROM log_leaves WHERE origin = $1 AND event_type = 'anchor_set'", row => row.IsNull(0) ? 0 : row.Number(0), rows.Origin)[0],
        cancellationToken);

    /// <summary>Writes a set if a log has grown. Gives whether it did.</summary>
    public async Task<bool> AppendAsync(AnchorMembers federation, CancellationToken cancellationToken)
    {
        // 1.
        var found = await Task.WhenAll(federation.Members.Select(member => member.CoordinatorId == rows.PeerId ? OwnAsync(cancellationToken) : OfAsync(member, federation.Members, cancellationToken))).ConfigureAwait(false);
        List<AnchorSetMember> members = [.. found.OfType<AnchorSetMember>().OrderBy(member => member.Origin, StringComparer.Ordinal)];

        // 2.
        var covered = await CoveredAsync(cancellationToken).ConfigureAwait(false);
        var grown = false;
        foreach (var member in members)
        {
            grown = grown || await HasGrownAsync(member, covered.GetValueOrDefault(member.Origin), cancellationToken).ConfigureAwait(false);
        }

        if (!grown)
        {
            return false;
        }

        // 3.
        var payload = Encoding.UTF8.GetString(CanonicalJson.Write(new AnchorSet(settings.Network.Name, members, 1), LedgerJson.Default.AnchorSet));
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return await writer.WriteAsync(
            batch =>
            {
                if (IsWaiting(batch))
                {
                    return false;
                }

                LogOutbox.Append(batch, AnchorSet.EventType, "anchors:" + settings.Network.Name, null, LogOutbox.Self, payload, nowMs);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The newest set of the own log at or below a height; null where there is none.</summary>
    public async Task<RecordLeaf?> CoveredByAsync(long height, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var bytes = await context.Set<LogLeafRow>().Where(row => row.Origin == rows.Origin && row.EventType == AnchorSet.EventType && row.Sequence <= height).OrderByDescending(row => row.Sequence)
            .Select(row => row.Leaf).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return bytes is not null && RecordLeaf.TryRead(bytes, out var leaf) is null ? leaf : null;
    }

    private static bool IsWaiting(IStoreBatch batch) => batch.Query("SELECT COUNT(*) FROM log_events WHERE event_type = 'anchor_set' AND refused IS NULL", row => row.Number(0))[0] > 0;

    private async Task<AnchorSetMember?> OwnAsync(CancellationToken cancellationToken) =>
        await cosignatures.SoftFinalAsync(cancellationToken).ConfigureAwait(false) is { Checkpoint: var checkpoint } ? new(checkpoint.Hash, rows.Origin, checkpoint.Size) : null;

    // What the member shows counts with its own signature and with those of enough members, of keys that are known here.
    private async Task<AnchorSetMember?> OfAsync(QuorumPeer member, IReadOnlyList<QuorumPeer> members, CancellationToken cancellationToken)
    {
        if (await peers.ActiveAsync(member.CoordinatorId, cancellationToken).ConfigureAwait(false) is not { } peer)
        {
            return null;
        }

        var origin = Checkpoint.OriginOf(member.CoordinatorId);
        var answer = await calls.GetAsync(peer, "/ledger/checkpoint?final=soft", options.Timeout, cancellationToken).ConfigureAwait(false);
        if (answer.Status != 200 || !SignedNote.TryParse(answer.Text, out var note) || !Checkpoint.TryParse(note.Text, out var checkpoint) || checkpoint.Origin != origin || checkpoint.Size < 1
            || !member.Keys.Any(key => note.IsSignedBy(NoteKey.Of(origin, NoteKeyType.Ed25519, key))))
        {
            return null;
        }

        var witnesses = members.Count(other => other.CoordinatorId != member.CoordinatorId
            && other.Keys.Any(key => note.IsSignedBy(NoteKey.Of(Checkpoint.OriginOf(other.CoordinatorId), NoteKeyType.Cosignature, key))));
        return witnesses + 1 >= QuorumTally.ThresholdOf(members.Count) ? new(checkpoint.Hash, origin, checkpoint.Size) : null;
    }

    // How far each log is covered: by the own newest set, and by the one of a peer that was followed last.
    private async Task<Dictionary<string, long>> CoveredAsync(CancellationToken cancellationToken)
    {
        var covered = new Dictionary<string, long>(StringComparer.Ordinal);
        var ours = await CoveredByAsync(long.MaxValue, cancellationToken).ConfigureAwait(false);
        var followed = (await anchors.NewestAsync(AnchorKinds.Stats, settings.Network.Name, 1, cancellationToken).ConfigureAwait(false)).FirstOrDefault()?.SetProof;
        foreach (var set in new[] { ours is null ? null : AnchorSet.Of(ours.Record), followed is null ? null : JsonSerializer.Deserialize(followed, LedgerJson.Default.AnchorSetProof)!.Set() })
        {
            foreach (var member in set?.Members ?? [])
            {
                covered[member.Origin] = Math.Max(member.Size, covered.GetValueOrDefault(member.Origin));
            }
        }

        return covered;
    }

    private async Task<bool> HasGrownAsync(AnchorSetMember member, long above, CancellationToken cancellationToken)
    {
        if (member.Size <= above)
        {
            return false;
        }

        if (member.Origin == rows.Origin)
        {
            return await own.HasGrownAsync(above, member.Size, cancellationToken).ConfigureAwait(false);
        }

        // What is not kept here may be anything.
        for (var from = above; from < member.Size;)
        {
            var leaves = await KeptAsync(member.Origin, from, (int)Math.Min(LogRows.Page, member.Size - from), cancellationToken).ConfigureAwait(false);
            if (leaves.Count == 0 || leaves.Any(bytes => RecordLeaf.TryRead(bytes, out var leaf) is not null || leaf!.Record.EventType != AnchorSet.EventType))
            {
                return true;
            }

            from += leaves.Count;
        }

        return false;
    }

    private async Task<List<byte[]>> KeptAsync(string origin, long after, int most, CancellationToken cancellationToken)
    {
        var source = origin[Checkpoint.OriginOf("").Length..];
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<MirrorLeafRow>().Where(row => row.Source == source && row.Sequence > after).OrderBy(row => row.Sequence).Take(most).Select(row => row.Leaf).ToListAsync(cancellationToken).ConfigureAwait(false);
    }
}
