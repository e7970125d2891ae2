using System.Text.Json;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Equivocations;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Mirrors;

/// <summary>
/// The same records, pushed by a peer instead of pulled (economy-and-ledger 12): of its own log or relayed, in any order, any number of times. What is wrong is refused with its
/// reason and holds up its own source alone. They count as soon as a checkpoint of their log covers them, which the next pull brings.
/// </summary>
internal sealed partial class MirrorPull
{
    private const string SequenceGap = "sequence_gap";
    private const string NotApproved = "coordinator_not_approved";

    /// <summary>Takes them in. Throws <see cref="Refusal"/> 400 unless there are 1 to 1000.</summary>
    /// <param name="callerId">The peer that sends them.</param>
    /// <param name="records">Exact bytes of leaves, base64.</param>
    /// <param name="cancellationToken">Cancels; whole runs are kept.</param>
    public async Task<IngestAnswer> IngestAsync(string callerId, IReadOnlyList<string?>? records, CancellationToken cancellationToken)
    {
        if (records is not { Count: > 0 and <= MirrorReading.MostRecords })
        {
            throw Refusal.Invalid([new("records", $"1 to {MirrorReading.MostRecords} leaves, as base64 of their exact bytes")]);
        }

        List<RefusedRecord> refused = [];
        List<(string Text, RecordLeaf Leaf)> read = [];
        foreach (var text in records)
        {
            if (text is null || Base64Text.TryRead(text) is not { } bytes)
            {
                refused.Add(new(0, Code(nameof(LedgerFault.NotCanonical))));
            }
            else if (RecordLeaf.TryRead(bytes, out var leaf) is { } fault)
            {
                refused.Add(new(0, Code(fault.ToString())));
            }
            else
            {
                read.Add((text, leaf!));
            }
        }

        var (ingested, skipped) = (0, 0);
        foreach (var source in read.GroupBy(one => one.Leaf.Record.CoordinatorId, StringComparer.Ordinal))
        {
            var taken = await OfSourceAsync(source.Key, [.. source.OrderBy(one => one.Leaf.Record.Sequence)], refused, cancellationToken).ConfigureAwait(false);
            (ingested, skipped) = (ingested + taken.Ingested, skipped + taken.Skipped);
        }

        return new(true, ingested, skipped, (await FindAsync(callerId, cancellationToken).ConfigureAwait(false)).Size + 1, refused);
    }

    private async Task<(int Ingested, int Skipped)> OfSourceAsync(string source, List<(string Text, RecordLeaf Leaf)> records, List<RefusedRecord> refused, CancellationToken cancellationToken)
    {
        if (await peers.ActiveAsync(source, cancellationToken).ConfigureAwait(false) is not { } peer)
        {
            refused.AddRange(records.Select(one => new RefusedRecord(one.Leaf.Record.Sequence, NotApproved)));
            return (0, 0);
        }

        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var mirror = await FindAsync(source, cancellationToken).ConfigureAwait(false);
        var (ingested, skipped) = (0, 0);
        for (var at = 0; at < records.Count;)
        {
            var (sequence, next) = (records[at].Leaf.Record.Sequence, mirror.Size + 1);
            if (sequence != next)
            {
                if ((sequence > next ? SequenceGap : await KnownAsync(peer, records[at].Leaf, cancellationToken).ConfigureAwait(false)) is { } reason)
                {
                    refused.Add(new(sequence, reason));
                }
                else
                {
                    skipped++;
                }

                at++;
                continue;
            }

            var run = records.Skip(at).TakeWhile((one, offset) => one.Leaf.Record.Sequence == next + offset).ToList();
            var (leaves, fault) = await CheckedAsync(peer, mirror, [.. run.Select(one => one.Text)], nowMs, cancellationToken).ConfigureAwait(false);
            if (leaves.Count > 0 && await StoreAsync(mirror, leaves, cancellationToken).ConfigureAwait(false) is var stored)
            {
                if (stored is null)
                {
                    // Another silo, or a pull, was faster: they are looked at anew.
                    mirror = await FindAsync(source, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                (mirror, ingested, at) = (stored, ingested + leaves.Count, at + leaves.Count);
            }

            if (fault is not null)
            {
                refused.Add(new(records[at].Leaf.Record.Sequence, fault == FutureDated ? fault : Code(fault)));
                at++;
            }
        }

        return (ingested, skipped);
    }

    // Null where it is the record that is kept; a second one with the peer's signature is evidence.
    private async Task<string?> KnownAsync(PeerRow peer, RecordLeaf leaf, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var kept = await context.Set<MirrorLeafRow>().Where(row => row.Source == peer.PeerId && row.Sequence == leaf.Record.Sequence).Select(row => row.Leaf).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (kept is null)
        {
            return Code(nameof(LedgerFault.InvalidSequence));
        }

        return kept.AsSpan().SequenceEqual(leaf.Bytes) ? null
            : await ConvictAsync(peer, EquivocationFile.Of(Checkpoint.OriginOf(peer.PeerId), kept, leaf.Bytes), cancellationToken).ConfigureAwait(false) is not null ? "equivocation"
            : Code(nameof(LedgerFault.InvalidSignature));
    }

    private static string Code(string fault) => JsonNamingPolicy.SnakeCaseLower.ConvertName(fault);
}
