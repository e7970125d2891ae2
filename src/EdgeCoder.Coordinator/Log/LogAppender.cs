using System.Text;
using System.Text.Json;
using EdgeCoder.Coordinator.Keys;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Keys;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Log;

/// <summary>
/// Makes leaves of the events that wait (economy-and-ledger 9.1, 10): 1. read them; 2. sign, each record naming the one before it; 3. in one transaction take
/// the events away and add the leaves, unless somebody else has appended meanwhile. So an event becomes a leaf once, and the sequence has no gap.
/// </summary>
internal sealed partial class LogAppender(LogRows rows, IStoreWriter writer, OwnKeys keys, CoordinatorIdentity identity, TimeProvider time, LogOptions options, ILogger<LogAppender> logger)
{
    /// <summary>Records of one transaction: requests wait behind it for some milliseconds at most.</summary>
    public const int MostAtOnce = 256;

    private LogHead? _head;

    /// <summary>Makes the first record of a log that has none: it announces the key (economy-and-ledger 16.2). Events that are waiting come after it.</summary>
    public async Task BeginAsync(LogHead head, CancellationToken cancellationToken)
    {
        _head = head;
        if (head.Size == 0)
        {
            await StoreAsync(LogHead.Empty, [], [KeyRecord.First(identity, time.GetUtcNow().ToUnixTimeMilliseconds())], [], cancellationToken).ConfigureAwait(false);
        }

        await keys.RefreshAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Appends what waits, at most <see cref="MostAtOnce"/>, and gives how many events were taken; 0 when none waits.</summary>
    public async Task<int> AppendAsync(CancellationToken cancellationToken)
    {
        // 1.
        var head = _head ??= await rows.HeadAsync(cancellationToken).ConfigureAwait(false);
        var events = await rows.WaitingAsync(MostAtOnce, cancellationToken).ConfigureAwait(false);
        if (events.Count == 0)
        {
            return 0;
        }

        // 2. The leaf that announces a key is signed by the one before it, and what follows by the new one.
        var signer = await keys.AtHeadAsync(cancellationToken).ConfigureAwait(false);
        var leaves = new List<RecordLeaf>(events.Count);
        var refused = new List<(long Sequence, string Code)>();
        var (prevHash, sequence, atMs) = (head.Hash, head.Size, head.AtMs);
        foreach (var one in events)
        {
            if (Make(one, prevHash, sequence + 1, Math.Max(one.AtMs, atMs), signer) is not { } leaf)
            {
                LogRefused(one.EventType, one.Sequence);
                refused.Add((one.Sequence, RecordRules.Error));
                continue;
            }

            (prevHash, sequence, atMs) = (leaf.Hash, sequence + 1, leaf.Record.IssuedAtMs);
            leaves.Add(leaf);
            if (KeyAnnouncement.Of(leaf.Record) is { } announced)
            {
                signer = identity.Find(announced.KeyId) ?? throw OwnKeys.Missing(announced, identity.Key.PublicKey);
            }
        }

        options.At(LogStep.Signed);

        // 3.
        await StoreAsync(head, [.. events.Select(one => one.Sequence).Except(refused.Select(one => one.Sequence))], leaves, refused, cancellationToken).ConfigureAwait(false);
        options.At(LogStep.Stored);
        return events.Count;
    }

    private async Task StoreAsync(LogHead head, IReadOnlyList<long> taken, IReadOnlyList<RecordLeaf> leaves, IReadOnlyList<(long Sequence, string Code)> refused, CancellationToken cancellationToken)
    {
        var stored = leaves.Select(leaf => LogLeafRow.Of(rows.Origin, leaf)).ToList();
        try
        {
            _head = null;
            await writer.WriteAsync(batch => Store(batch, head, taken, stored, refused), cancellationToken).ConfigureAwait(false);
            _head = leaves.Count > 0 ? new(leaves[^1].Record.Sequence, leaves[^1].Hash, leaves[^1].Record.IssuedAtMs) : head;
        }
        catch (MovedException)
        {
            // Another silo was faster; what it left is looked at anew.
        }
    }

    private bool Store(IStoreBatch batch, LogHead head, IReadOnlyList<long> taken, List<LogLeafRow> leaves, IReadOnlyList<(long Sequence, string Code)> refused)
    {
        var end = batch.Query("SELECT sequence, hash FROM log_leaves WHERE origin = $1 ORDER BY sequence DESC LIMIT 1", row => (row.Number(0), row.Text(1)), rows.Origin) is [var last] ? last : (0, OrderingRecord.Genesis);
        if (end != (head.Size, head.Hash))
        {
            throw new MovedException();
        }

        foreach (var sequence in taken)
        {
            if (batch.Execute("DELETE FROM log_events WHERE sequence = $1", sequence) != 1)
            {
                throw new MovedException();
            }
        }

        foreach (var (sequence, code) in refused)
        {
            batch.Execute("UPDATE log_events SET refused = $1 WHERE sequence = $2", code, sequence);
        }

        foreach (var leaf in leaves)
        {
            batch.Insert(leaf);
        }

        return true;
    }

    // Null for what may not stand in a log: LogOutbox refuses it before, so it was written by another program.
    private RecordLeaf? Make(LogEventRow one, string prevHash, long sequence, long atMs, SigningKey signer)
    {
        var payload = one.PayloadJson is null ? [] : Encoding.UTF8.GetBytes(one.PayloadJson);
        if (RecordRules.Fault(one.EventType, one.TaskId, one.SubtaskId, one.ActorId, payload) is not null)
        {
            return null;
        }

        try
        {
            return RecordLeaf.Sign(
                new()
                {
                    V = OrderingRecord.Version,
                    Id = Guid.NewGuid().ToString("D"),
                    EventType = one.EventType,
                    TaskId = one.TaskId,
                    SubtaskId = one.SubtaskId,
                    ActorId = one.ActorId == LogOutbox.Self ? identity.PeerId : one.ActorId,
                    Sequence = sequence,
                    IssuedAtMs = atMs,
                    PrevHash = prevHash,
                    CoordinatorId = identity.PeerId,
                    PayloadJson = payload.Length == 0 ? null : JsonElement.Parse(payload),
                },
                signer);
        }
        catch (Exception fault) when (fault is ArgumentException or JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Error, "An event of kind {EventType} is not for the log and stays where it is (personal_data_refused), number {Sequence}")]
    private partial void LogRefused(string eventType, long sequence);

    /// <summary>The log or its events are not as they were when the leaves were signed.</summary>
    private sealed class MovedException : Exception;
}
