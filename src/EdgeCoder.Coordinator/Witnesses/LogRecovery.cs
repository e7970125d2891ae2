using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Keys;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Trees;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Witnesses;

/// <summary>
/// Fetches back the records of the own log that a restored store does not have (economy-and-ledger 9.8): 1. from whichever peer has kept them; 2. each is signed by this log
/// and follows the one before, changes of its key too; 3. the root is that of the checkpoint that was signed; 4. in one transaction they are stored with that checkpoint, and events of the
/// restored store that had become one of them are taken away: they would be told twice.
/// </summary>
internal sealed class LogRecovery(LogRows rows, OwnKeys keys, LogCheckpoints checkpoints, PeerCalls calls, PeerOptions options, CoordinatorIdentity identity, SecurityLog security, IStoreWriter writer, TimeProvider time)
{
    /// <summary>Whether all are here now.</summary>
    public async Task<bool> FetchAsync(SignedNote note, Checkpoint missing, IReadOnlyList<PeerRow> from, CancellationToken cancellationToken)
    {
        var head = await rows.HeadAsync(cancellationToken).ConfigureAwait(false);
        foreach (var peer in from)
        {
            // 1. and 2.
            if (await LeavesAsync(peer, head, missing.Size, cancellationToken).ConfigureAwait(false) is not { } leaves)
            {
                continue;
            }

            options.At(ExchangeStep.Recovered);

            // 3.
            if (!(await RootAsync(head.Size, leaves, cancellationToken).ConfigureAwait(false)).AsSpan().SequenceEqual(missing.Root))
            {
                continue;
            }

            // 4.
            var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (await writer.WriteAsync(batch => Store(batch, head, leaves, note, missing, nowMs), cancellationToken).ConfigureAwait(false))
            {
                options.At(ExchangeStep.Restored);
                await keys.RefreshAsync(cancellationToken).ConfigureAwait(false);
                await checkpoints.AdoptAsync(note, cancellationToken).ConfigureAwait(false);
                return true;
            }

            return false;
        }

        return false;
    }

    private async Task<List<RecordLeaf>?> LeavesAsync(PeerRow peer, LogHead head, long size, CancellationToken cancellationToken)
    {
        var leaves = new List<RecordLeaf>();
        var prevHash = head.Hash;
        var chain = identity.Chain;
        while (head.Size + leaves.Count < size)
        {
            var since = head.Size + leaves.Count;
            var path = string.Create(CultureInfo.InvariantCulture, $"/stats/ledger/range?source={identity.PeerId}&sinceSequence={since}&limit={Math.Min(MirrorReading.MostRecords, size - since)}");
            if ((await calls.GetAsync(peer, path, options.Timeout, cancellationToken).ConfigureAwait(false)).Read(MirrorJson.Default.RecordRange) is not { Records.Count: > 0 } page)
            {
                return null;
            }

            foreach (var text in page.Records)
            {
                if (leaves.Count + head.Size == size)
                {
                    break;
                }

                if (Base64Text.TryRead(text) is not { } bytes || RecordLeaf.TryRead(bytes, out var leaf) is not null || !leaf!.HasItsHash || leaf.Record.Sequence != head.Size + leaves.Count + 1
                    || leaf.Record.PrevHash != prevHash || leaf.Record.CoordinatorId != identity.PeerId
                    || (!rows.HasSigned(leaf) && chain?.Periods.Any(period => period.CountsAt(leaf.Record.IssuedAtMs) && leaf.IsSignedBy(period.Key)) != true))
                {
                    return null;
                }

                if (KeyAnnouncement.StatementOf(leaf.Record) is { } statement && chain is not null && chain.TryFollow(statement, out chain) is not null)
                {
                    return null;
                }

                prevHash = leaf.Hash;
                leaves.Add(leaf);
            }
        }

        return leaves;
    }

    private async Task<byte[]> RootAsync(long size, List<RecordLeaf> behind, CancellationToken cancellationToken)
    {
        var frontier = new TreeFrontier();
        while (frontier.Size < size)
        {
            var leaves = await rows.LeavesAsync(frontier.Size + 1, (int)Math.Min(LogRows.Page, size - frontier.Size), cancellationToken).ConfigureAwait(false);
            if (leaves.Count == 0)
            {
                throw LogRows.Broken(frontier.Size + 1);
            }

            leaves.ForEach(leaf => frontier.Append(TreeHash.Leaf(leaf)));
        }

        behind.ForEach(leaf => frontier.Append(leaf.LeafHash));
        return frontier.Root;
    }

    private bool Store(IStoreBatch batch, LogHead head, List<RecordLeaf> leaves, SignedNote note, Checkpoint checkpoint, long nowMs)
    {
        if (batch.Query("SELECT COUNT(*) FROM log_leaves WHERE origin = $1", row => row.Number(0), rows.Origin)[0] != head.Size)
        {
            return false;
        }

        foreach (var leaf in leaves)
        {
            batch.Insert(LogLeafRow.Of(rows.Origin, leaf));
        }

        batch.Insert(new LogCheckpointRow { Origin = rows.Origin, Size = checkpoint.Size, CheckpointHash = checkpoint.Hash, Note = note.ToString(), AtMs = nowMs });
        var told = leaves.GroupBy(leaf => Key(leaf.Record.EventType, leaf.Record.TaskId, leaf.Record.SubtaskId, leaf.Record.ActorId, leaf.Record.PayloadJson)).ToDictionary(group => group.Key, group => group.Count());
        var waiting = batch.Query(
            "SELECT sequence, event_type, task_id, subtask_id, actor_id, payload_json FROM log_events ORDER BY sequence",
            row => (Sequence: row.Number(0), Key: Key(row.Text(1), row.Text(2), row.IsNull(3) ? null : row.Text(3), row.Text(4) == LogOutbox.Self ? identity.PeerId : row.Text(4), row.IsNull(5) ? null : Parsed(row.Text(5)))));
        foreach (var (sequence, key) in waiting)
        {
            if (told.GetValueOrDefault(key) > 0)
            {
                told[key]--;
                batch.Execute("DELETE FROM log_events WHERE sequence = $1", sequence);
            }
        }

        security.Add(batch, SecurityEventKind.LedgerRollbackDetected, SecurityLog.Itself, null, "records_restored", nowMs, ("from", JsonValue.Create(head.Size)), ("to", JsonValue.Create(checkpoint.Size)));

        return true;
    }

    // Members in the order of their names: a record's body is canonical, an event's payload need not be.
    private static string Key(string eventType, string taskId, string? subtaskId, string actorId, JsonElement? payload) =>
        string.Join('\n', eventType, taskId, subtaskId, actorId, payload is { } element ? Convert.ToHexString(Protocol.Canonical.CanonicalJson.Write(element)) : "");

    private static JsonElement? Parsed(string json)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
