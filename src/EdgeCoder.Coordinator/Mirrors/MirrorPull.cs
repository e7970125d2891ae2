using System.Globalization;
using System.Text.Json;
using EdgeCoder.Coordinator.Equivocations;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Equivocations;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Trees;
using EdgeCoder.Protocol.Keys;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Mirrors;

/// <summary>How a pull ended.</summary>
internal enum PullVerdict
{
    /// <summary>Everything that the peer's checkpoint names is here.</summary>
    UpToDate,

    /// <summary>The peer did not answer, or not as a log does. It is asked again.</summary>
    Unanswered,

    /// <summary>A record or the checkpoint is not what it must be; the log goes no further here until that is right.</summary>
    Refused,

    /// <summary>The log has two histories; the evidence is kept.</summary>
    Equivocated,
}

/// <summary>
/// Keeps a peer's log (economy-and-ledger 9.7, 12), by sequence and never by time: 1. its newest checkpoint, signed by a key of the peer; 2. against what is kept: a checkpoint of
/// the same size with another root is a second history; 3. the records behind the last, each checked, a page in one transaction; 4. at the checkpoint's size the root is
/// the checkpoint's. Where a record does not follow, the peer is asked for the one before it: a signed record of that place that is not the kept one is a second history too.
/// A crash between leaves whole pages, and the next pull goes on behind them.
/// </summary>
internal sealed partial class MirrorPull(
    IDbContextFactory<CoordinatorContext> contexts, PeerDirectory peers, PeerKeyChanges changes, PeerCalls calls, LogEquivocations equivocations, IStoreWriter writer, PeerOptions options, TimeProvider time)
{
    private const string FutureDated = "future_dated";

    /// <summary>Asks one.</summary>
    public async Task<PullVerdict> RunAsync(PeerRow peer, CancellationToken cancellationToken)
    {
        // 1.
        var origin = Checkpoint.OriginOf(peer.PeerId);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var answer = await calls.GetAsync(peer, "/ledger/checkpoint", options.Timeout, cancellationToken).ConfigureAwait(false);
        if (answer.Status is 401 or 403)
        {
            // Both may have changed their keys while they did not see each other. What is open tells this side; the other asks in its turn.
            await changes.AskAsync(peer, cancellationToken).ConfigureAwait(false);
        }

        if (answer.Status != 200 || !SignedNote.TryParse(answer.Text, out var note) || !Checkpoint.TryParse(note.Text, out var checkpoint) || checkpoint.Origin != origin)
        {
            return PullVerdict.Unanswered;
        }

        note = note with { Signatures = [.. note.Signatures.Where(one => one.Name == origin)] };
        var mirror = await FindAsync(peer.PeerId, cancellationToken).ConfigureAwait(false);
        var isSigned = await peers.HasSignedAsync(peer.PeerId, note, nowMs, cancellationToken).ConfigureAwait(false);
        if ((!isSigned || mirror.Size == 0) && await changes.AskAsync(peer, cancellationToken).ConfigureAwait(false))
        {
            isSigned = await peers.HasSignedAsync(peer.PeerId, note, nowMs, cancellationToken).ConfigureAwait(false);
        }

        if (!isSigned && checkpoint.Size <= mirror.Size)
        {
            return PullVerdict.Unanswered;
        }

        // 2.
        if (isSigned && checkpoint.Size == mirror.CheckpointSize && mirror.CheckpointSize > 0 && SignedNote.TryParse(mirror.Note, out var kept) && kept.Text != note.Text)
        {
            return await ConvictAsync(peer, EquivocationFile.Of(origin, mirror.Note, note.ToString()), cancellationToken).ConfigureAwait(false) ?? PullVerdict.Unanswered;
        }

        if (checkpoint.Size < mirror.Size)
        {
            return await OlderAsync(peer, mirror, checkpoint.Size, cancellationToken).ConfigureAwait(false);
        }

        // 3.
        while (mirror.Size < checkpoint.Size)
        {
            var path = Range(peer, mirror.Size, Math.Min(MirrorReading.MostRecords, checkpoint.Size - mirror.Size));
            if ((await calls.GetAsync(peer, path, options.Timeout, cancellationToken).ConfigureAwait(false)).Read(MirrorJson.Default.RecordRange) is not { Records.Count: > 0 } page)
            {
                return PullVerdict.Unanswered;
            }

            options.At(ExchangeStep.Fetched);
            var (leaves, fault) = await CheckedAsync(peer, mirror, [.. page.Records.Take((int)Math.Min(int.MaxValue, checkpoint.Size - mirror.Size))], nowMs, cancellationToken).ConfigureAwait(false);
            if (leaves.Count > 0)
            {
                mirror = await StoreAsync(mirror, leaves, cancellationToken).ConfigureAwait(false) ?? await FindAsync(peer.PeerId, cancellationToken).ConfigureAwait(false);
                options.At(ExchangeStep.Mirrored);
            }

            if (fault is not null)
            {
                return fault == LedgerFault.InvalidPrevHash.ToString() && await BeforeAsync(peer, mirror.Size, cancellationToken).ConfigureAwait(false) is { } convicted
                    ? convicted
                    : await RefuseAsync(mirror, fault, cancellationToken).ConfigureAwait(false);
            }
        }

        // 4.
        if (!await peers.HasSignedAsync(peer.PeerId, note, nowMs, cancellationToken).ConfigureAwait(false))
        {
            return await RefuseAsync(mirror, nameof(LedgerFault.CheckpointSignatureInvalid), cancellationToken).ConfigureAwait(false);
        }

        if (!TreeFrontier.Load(mirror.Size, mirror.Frontier).Root.AsSpan().SequenceEqual(checkpoint.Root))
        {
            return await RefuseAsync(mirror, nameof(LedgerFault.HashMismatch), cancellationToken).ConfigureAwait(false);
        }

        await writer.WriteAsync(
            batch => batch.Execute(
                "UPDATE log_mirrors SET checkpoint_size = $1, note = $2, fault = NULL, seen_at_ms = $3 WHERE source = $4 AND size = $1", checkpoint.Size, note.ToString(), nowMs, peer.PeerId),
            cancellationToken).ConfigureAwait(false);
        return PullVerdict.UpToDate;
    }

    private async Task<LogMirrorRow> FindAsync(string peerId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<LogMirrorRow>().FirstOrDefaultAsync(row => row.Source == peerId, cancellationToken).ConfigureAwait(false)
            ?? new() { Source = peerId, Size = 0, Hash = OrderingRecord.Genesis, IssuedAtMs = 0, Frontier = [], CheckpointSize = 0, Note = "", SeenAtMs = 0 };
    }

    // As below; a signature that does not fit may be of a key that the peer has changed to, and then the peer is asked how.
    private async Task<(List<RecordLeaf> Leaves, string? Fault)> CheckedAsync(PeerRow peer, LogMirrorRow mirror, IReadOnlyList<string> page, long nowMs, CancellationToken cancellationToken)
    {
        var found = await CheckAsync(peer.PeerId, mirror, page, nowMs, cancellationToken).ConfigureAwait(false);
        return found.Fault == nameof(LedgerFault.InvalidSignature) && await changes.AskAsync(peer, cancellationToken).ConfigureAwait(false)
            ? await CheckAsync(peer.PeerId, mirror, page, nowMs, cancellationToken).ConfigureAwait(false)
            : found;
    }

    // The records of a page up to the first that is wrong, and what is wrong with it.
    private async Task<(List<RecordLeaf> Leaves, string? Fault)> CheckAsync(string peerId, LogMirrorRow mirror, IEnumerable<string> page, long nowMs, CancellationToken cancellationToken)
    {
        List<PeerKey> keys = [.. await peers.KeysAsync(peerId, cancellationToken).ConfigureAwait(false)];
        var skewMs = (long)options.MaxSkew.TotalMilliseconds;
        var leaves = new List<RecordLeaf>();
        var (prevHash, atMs) = (mirror.Hash, mirror.IssuedAtMs);
        foreach (var text in page)
        {
            var fault = Base64Text.TryRead(text) is not { } bytes ? LedgerFault.NotCanonical : RecordLeaf.TryRead(bytes, out var read) is { } malformed ? malformed : Fault(read!);
            if (fault is not null)
            {
                return (leaves, fault.ToString());
            }

            var leaf = Leaf(text);
            if (leaf.Record.IssuedAtMs > nowMs + skewMs)
            {
                return (leaves, FutureDated);
            }

            (prevHash, atMs) = (leaf.Hash, leaf.Record.IssuedAtMs);
            leaves.Add(leaf);
        }

        return (leaves, null);

        LedgerFault? Fault(RecordLeaf leaf) =>
            !leaf.HasItsHash ? LedgerFault.HashMismatch
            : leaf.Record.CoordinatorId != peerId ? LedgerFault.UnknownKey
            : leaf.Record.Sequence != mirror.Size + leaves.Count + 1 || leaf.Record.IssuedAtMs < atMs ? LedgerFault.InvalidSequence
            : !keys.Any(key => key.CountsAt(leaf.Record.IssuedAtMs) && leaf.IsSignedBy(key.Key)) ? LedgerFault.InvalidSignature
            : leaf.Record.PrevHash != prevHash ? LedgerFault.InvalidPrevHash
            : null;
    }

    private async Task<LogMirrorRow?> StoreAsync(LogMirrorRow mirror, List<RecordLeaf> leaves, CancellationToken cancellationToken)
    {
        var frontier = TreeFrontier.Load(mirror.Size, mirror.Frontier);
        leaves.ForEach(leaf => frontier.Append(leaf.LeafHash));
        var (last, saved) = (leaves[^1], frontier.Save());
        return await writer.WriteAsync(
            batch =>
            {
                batch.TryInsert(mirror);
                if (batch.Execute(
                        "UPDATE log_mirrors SET size = $1, hash = $2, issued_at_ms = $3, frontier = $4 WHERE source = $5 AND size = $6",
                        frontier.Size, last.Hash, last.Record.IssuedAtMs, saved, mirror.Source, mirror.Size) == 0)
                {
                    // Another silo was faster.
                    return null;
                }

                foreach (var leaf in leaves)
                {
                    batch.Insert(new MirrorLeafRow { Source = mirror.Source, Sequence = leaf.Record.Sequence, Hash = leaf.Hash, Leaf = leaf.Bytes });
                }

                return new LogMirrorRow
                {
                    Source = mirror.Source, Size = frontier.Size, Hash = last.Hash, IssuedAtMs = last.Record.IssuedAtMs, Frontier = saved, CheckpointSize = mirror.CheckpointSize, Note = mirror.Note, SeenAtMs = mirror.SeenAtMs,
                };
            },
            cancellationToken).ConfigureAwait(false);
    }

    // A replica may be behind; a log that was shortened shows another record at its end sooner or later.
    private async Task<PullVerdict> OlderAsync(PeerRow peer, LogMirrorRow mirror, long size, CancellationToken cancellationToken) =>
        (size > 0 ? await BeforeAsync(peer, size, cancellationToken).ConfigureAwait(false) : null)
        ?? await RefuseAsync(mirror, nameof(LedgerFault.ConsistencyProofInvalid), cancellationToken).ConfigureAwait(false);

    // The peer's record of a place that is kept here: another one with the peer's signature is evidence.
    private async Task<PullVerdict?> BeforeAsync(PeerRow peer, long sequence, CancellationToken cancellationToken)
    {
        if (sequence == 0 || (await calls.GetAsync(peer, Range(peer, sequence - 1, 1), options.Timeout, cancellationToken).ConfigureAwait(false)).Read(MirrorJson.Default.RecordRange) is not { Records: [var text, ..] }
            || Base64Text.TryRead(text) is not { } theirs)
        {
            return null;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<MirrorLeafRow>().Where(row => row.Source == peer.PeerId && row.Sequence == sequence).Select(row => row.Leaf).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false) is { } kept
            ? await ConvictAsync(peer, EquivocationFile.Of(Checkpoint.OriginOf(peer.PeerId), kept, theirs), cancellationToken).ConfigureAwait(false)
            : null;
    }

    // Only what a stranger would be convinced by is kept.
    private async Task<PullVerdict?> ConvictAsync(PeerRow peer, EquivocationFile evidence, CancellationToken cancellationToken)
    {
        var keys = await peers.KeysAsync(peer.PeerId, cancellationToken).ConfigureAwait(false);
        if (EquivocationVerifier.Check(evidence, new TrustedKeys([.. keys.Select(key => NoteKey.Of(evidence.Origin, NoteKeyType.Ed25519, key.Key))], 0)) is not null)
        {
            return null;
        }

        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (await writer.WriteAsync(batch => equivocations.Keep(batch, peer.PeerId, evidence, nowMs), cancellationToken).ConfigureAwait(false))
        {
            equivocations.Tell(peer.PeerId);
        }

        return PullVerdict.Equivocated;
    }

    private async Task<PullVerdict> RefuseAsync(LogMirrorRow mirror, string fault, CancellationToken cancellationToken)
    {
        var code = JsonNamingPolicy.SnakeCaseLower.ConvertName(fault);
        if (mirror.Fault != code)
        {
            await writer.WriteAsync(
                batch =>
                {
                    batch.TryInsert(mirror);
                    return batch.Execute("UPDATE log_mirrors SET fault = $1 WHERE source = $2", code, mirror.Source);
                },
                cancellationToken).ConfigureAwait(false);
        }

        return PullVerdict.Refused;
    }

    private static RecordLeaf Leaf(string text) => Base64Text.TryRead(text) is { } bytes && RecordLeaf.TryRead(bytes, out var leaf) is null ? leaf! : throw new InvalidOperationException("It was read before.");

    private static string Range(PeerRow peer, long since, long limit) => string.Create(CultureInfo.InvariantCulture, $"/stats/ledger/range?source={peer.PeerId}&sinceSequence={since}&limit={limit}");
}
