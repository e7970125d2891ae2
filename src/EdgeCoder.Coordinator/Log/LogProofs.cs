using System.Text.Json;
using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Witnesses;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Ledger.Trees;

namespace EdgeCoder.Coordinator.Log;

/// <summary>What readers of the log get (economy-and-ledger 9, 11). Nothing beyond the newest checkpoint is shown: everything shown can be proven.</summary>
internal sealed class LogProofs(LogRows rows, LogTree tree, LogCheckpoints checkpoints, LogCosignatures cosignatures, CoordinatorIdentity identity, ReceiptAnchors? anchors = null, PeerDirectory? peers = null)
{
    /// <summary>Records of one snapshot.</summary>
    public const int MostRecords = 1_000;

    private const int MostSnapshotBytes = 4 << 20;

    /// <summary>The newest checkpoint, with every cosignature that it has.</summary>
    public async ValueTask<string> CheckpointAsync(CancellationToken cancellationToken)
    {
        var newest = await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false);
        return (await cosignatures.WithAllAsync(newest.Note, newest.Checkpoint.Size, cancellationToken).ConfigureAwait(false)).ToString();
    }

    /// <summary>The newest that a majority of the quorum set has signed. Throws <see cref="Refusal"/> 404 <c>checkpoint_not_final</c>.</summary>
    public async Task<string> SoftFinalAsync(CancellationToken cancellationToken) => (await cosignatures.SoftFinalAsync(cancellationToken).ConfigureAwait(false))?.Note.ToString()
        ?? throw new Refusal(404, "checkpoint_not_final", "No checkpoint has been cosigned by a majority yet. GET /ledger/checkpoint gives the newest with the cosignatures that it has.");

    /// <summary>A tile or a bundle of leaves by its path. Throws <see cref="Refusal"/> 404 <c>tile_not_found</c>.</summary>
    public async Task<byte[]> TileAsync(string path, CancellationToken cancellationToken)
    {
        var size = (await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false)).Checkpoint.Size;
        if (TilePath.TryParse(path, out var level, out var index, out var width) && TileHashes.WidthOf(size, Math.Max(level, 0), index) is var available && available >= width)
        {
            var isBundle = level < 0;
            var bytes = tree.Folder.ReadAtLeast(wide => isBundle ? TilePath.Entries(index, wide) : TilePath.Hashes(level, index, wide), available);
            if (bytes is not null && (isBundle ? Bundle(bytes, width) : Row(bytes, width)) is { } asked)
            {
                return asked;
            }
        }

        throw new Refusal(404, "tile_not_found", "The checkpoint names no such tile. Widths and indexes follow from its size (C2SP tlog-tiles).");
    }

    /// <summary>That a record is in the log. Throws <see cref="Refusal"/> 404 <c>leaf_not_found</c>, 400 <c>validation_failed</c>.</summary>
    public async Task<InclusionAnswer> InclusionAsync(long? sequence, string? hash, long? size, CancellationToken cancellationToken)
    {
        var newest = await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false);
        var treeSize = size ?? newest.Checkpoint.Size;
        CheckSize(treeSize, newest.Checkpoint.Size, "size");
        var at = sequence ?? (hash is null ? throw Refusal.Invalid([new("sequence", "a sequence from 1, or hash: 64 hex digits of a record")]) : await rows.SequenceAsync(hash, cancellationToken).ConfigureAwait(false));
        if (at is not { } found || found < 1 || found > treeSize)
        {
            throw NoLeaf();
        }

        var note = treeSize == newest.Checkpoint.Size ? newest.Note.ToString() : await rows.NoteAsync(treeSize, cancellationToken).ConfigureAwait(false);
        return await ProveAsync(found, treeSize, newest.Checkpoint.Size, note, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>That one tree is the beginning of another. Throws <see cref="Refusal"/> 400 <c>validation_failed</c>.</summary>
    public async Task<ConsistencyAnswer> ConsistencyAsync(long first, long second, CancellationToken cancellationToken)
    {
        var size = (await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false)).Checkpoint.Size;
        CheckSize(second, size, "second");
        CheckSize(first, second, "first");
        return new(first, second, Hex(ConsistencyProof.Make(tree.At(size), first, second)));
    }

    /// <summary>Records from a sequence on.</summary>
    public async Task<SnapshotAnswer> SnapshotAsync(long from, int limit, CancellationToken cancellationToken)
    {
        var newest = await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false);
        var leaves = from > newest.Checkpoint.Size ? [] : await rows.LeavesAsync(from, (int)Math.Min(limit, newest.Checkpoint.Size - from + 1), cancellationToken).ConfigureAwait(false);
        var records = new List<JsonElement>(leaves.Count);
        RecordLeaf? last = null;
        var bytes = 0;
        foreach (var leaf in leaves)
        {
            // Large records make a shorter page, never a larger answer.
            if ((bytes += leaf.Length) > MostSnapshotBytes && last is not null)
            {
                break;
            }

            last = RecordLeaf.TryRead(leaf, out var read) is null ? read! : throw LogRows.Broken(from + records.Count);
            records.Add(WithLeaf(last));
        }

        if (last is null)
        {
            return new([], null);
        }

        var proof = await ProveAsync(last.Record.Sequence, newest.Checkpoint.Size, newest.Checkpoint.Size, newest.Note.ToString(), cancellationToken).ConfigureAwait(false);
        return new(records, new(
            last.Record.Id, last.Hash, last.Record.PrevHash, last.Record.Sequence, identity.PeerId, proof.LeafIndex, proof.TreeSize, proof.LeafHash, proof.InclusionProof, proof.Checkpoint));
    }

    /// <summary>The receipts of a task, each with all that proves it.</summary>
    public async Task<TaskReceipts> ReceiptsAsync(string taskId, CancellationToken cancellationToken)
    {
        // What waits is counted first: a receipt that becomes a leaf meanwhile is told of twice rather than not at all.
        var pending = await rows.WaitingReceiptsAsync(taskId, cancellationToken).ConfigureAwait(false);
        var found = await rows.ReceiptsAsync(taskId, cancellationToken).ConfigureAwait(false);
        var newest = await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false);
        var files = new List<ReceiptFile>(found.Count);
        var final = found.Count == 0 ? null : await cosignatures.SoftFinalAsync(cancellationToken).ConfigureAwait(false);
        foreach (var (sequence, leaf) in found.Where(receipt => receipt.Sequence <= newest.Checkpoint.Size))
        {
            files.Add(await ReceiptAsync(sequence, leaf, newest, final is not null && final.Checkpoint.Size >= sequence ? final : newest, cancellationToken).ConfigureAwait(false));
        }

        return new(files, pending + found.Count - files.Count);
    }

    // Once a checkpoint that covers it is anchored, the receipt is proven against that one: the anchor says nothing about a newer one.
    // Else against the newest that a majority has signed, and else the newest.
    private async Task<ReceiptFile> ReceiptAsync(long sequence, byte[] leaf, Published newest, Published best, CancellationToken cancellationToken)
    {
        var (published, size, note, anchor) = (newest.Checkpoint.Size, best.Checkpoint.Size, best.Note.ToString(), (ReceiptAnchor?)null);
        if (anchors is not null && await anchors.OfRecordAsync(sequence, cancellationToken).ConfigureAwait(false) is { } anchored && anchored.Height <= published
            && await rows.NoteAsync(anchored.Height, cancellationToken).ConfigureAwait(false) is { } covering)
        {
            (size, note, anchor) = (anchored.Height, covering, anchored.Anchor);
        }

        return new()
        {
            V = 1,
            Type = ReceiptFile.TypeName,
            Leaf = Convert.ToBase64String(leaf),
            LeafIndex = sequence - 1,
            TreeSize = size,
            InclusionProof = Hex(InclusionProof.Make(tree.At(published), sequence - 1, size)),
            Checkpoint = SignedNote.TryParse(note, out var signed) ? (await cosignatures.WithAllAsync(signed, size, cancellationToken).ConfigureAwait(false)).ToString() : note,
            Keys = [new(rows.Origin, identity.VerifierKey)],
            Rotations = await RotationsAsync(cancellationToken).ConfigureAwait(false),
            Anchor = anchor,
        };
    }

    // Of this log, and of the witnesses, as far as their keys were changed.
    private async Task<IReadOnlyList<ReceiptRotations>?> RotationsAsync(CancellationToken cancellationToken)
    {
        List<ReceiptRotations> all = identity.Chain is { Statements.Count: > 1 } chain ? [new(chain.CoordinatorId, chain.Texts())] : [];
        foreach (var peer in peers is null ? [] : await peers.ActiveAsync(cancellationToken).ConfigureAwait(false))
        {
            var statements = await peers!.StatementsAsync(peer.PeerId, cancellationToken).ConfigureAwait(false);
            if (statements.Count > 1)
            {
                all.Add(new(peer.PeerId, statements));
            }
        }

        return all.Count > 0 ? all : null;
    }

    private async Task<InclusionAnswer> ProveAsync(long sequence, long size, long published, string? note, CancellationToken cancellationToken) =>
        await rows.LeavesAsync(sequence, 1, cancellationToken).ConfigureAwait(false) is [var leaf]
            ? new(sequence - 1, size, Convert.ToHexStringLower(TreeHash.Leaf(leaf)), Hex(InclusionProof.Make(tree.At(published), sequence - 1, size)), note)
            : throw NoLeaf();

    private static JsonElement WithLeaf(RecordLeaf leaf)
    {
        var record = JsonSerializer.SerializeToNode(leaf.Record, LedgerJson.Default.OrderingRecord)!.AsObject();
        record["hash"] = leaf.Hash;
        record["signature"] = leaf.Signature;
        record["leaf"] = Convert.ToBase64String(leaf.Bytes);
        return JsonElement.Parse(record.ToJsonString());
    }

    private static byte[]? Row(byte[] tile, int width) => tile.Length < width * TreeHash.Size ? null : tile[..(width * TreeHash.Size)];

    private static byte[]? Bundle(byte[] bundle, int width) => EntryBundle.Read(bundle) is { } leaves && leaves.Count >= width ? EntryBundle.Write(leaves[..width]) : null;

    private static IReadOnlyList<string> Hex(IReadOnlyList<byte[]> hashes) => [.. hashes.Select(Convert.ToHexStringLower)];

    private static void CheckSize(long size, long most, string name)
    {
        if (size < 1 || size > most)
        {
            throw Refusal.Invalid([new(name, FormattableString.Invariant($"a size from 1 to {most}"))]);
        }
    }

    private static Refusal NoLeaf() => new(404, "leaf_not_found", "The tree of that size has no such record. GET /ledger/checkpoint tells how many there are.");
}
