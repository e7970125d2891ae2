using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>
/// The rows of anchors. What happens to a checkpoint's transaction happens to all rows of that checkpoint and network at once; every change is one conditional update by the holder of
/// their claim.
/// </summary>
internal sealed class AnchorStore(IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts)
{
    /// <summary>
    /// The row of a checkpoint and kind; made when there is none. A row of the other kind gives it its transaction: one checkpoint is never paid for twice.
    /// </summary>
    public Task<AnchorRecordRow> AddAsync(string kind, string? epochId, AnchorCheckpoint checkpoint, string network, long nowMs, CancellationToken cancellationToken) =>
        AddAsync(NewRow(kind, epochId, checkpoint, network, nowMs), cancellationToken);

    /// <summary>A row that waits for its transaction.</summary>
    public static AnchorRecordRow NewRow(string kind, string? epochId, AnchorCheckpoint checkpoint, string network, long nowMs) => new()
    {
        AnchorId = Guid.NewGuid().ToString(), Kind = kind, EpochId = epochId, CheckpointHash = checkpoint.Hash, CheckpointHeight = checkpoint.Height, AnchorNetwork = network, TxRef = "",
        Status = AnchorStatus.Pending, Confirmations = 0, CreatedAtMs = nowMs, NextAtMs = nowMs,
    };

    /// <summary>The same of a row that is made already.</summary>
    public async Task<AnchorRecordRow> AddAsync(AnchorRecordRow row, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            batch => batch.TryInsert(row) && batch.Execute(
                """
                UPDATE anchor_records SET (tx_ref, anchored_hash, set_proof, raw_hex, status, confirmations, block_hash, last_check_error, anchored_at_ms, next_at_ms, was_taken, claim_id, claim_until_ms) =
                    (SELECT o.tx_ref, o.anchored_hash, o.set_proof, o.raw_hex, o.status, o.confirmations, o.block_hash, o.last_check_error, o.anchored_at_ms, o.next_at_ms, o.was_taken, o.claim_id, o.claim_until_ms
                     FROM anchor_records o WHERE o.checkpoint_hash = $2 AND o.anchor_network = $3 AND o.anchor_id <> $1)
                WHERE anchor_id = $1 AND EXISTS (SELECT 1 FROM anchor_records o WHERE o.checkpoint_hash = $2 AND o.anchor_network = $3 AND o.anchor_id <> $1)
                """,
                row.AnchorId, row.CheckpointHash, row.AnchorNetwork) >= 0,
            cancellationToken).ConfigureAwait(false);
        return (await OfAsync(row.CheckpointHash, row.AnchorNetwork, cancellationToken).ConfigureAwait(false)).First(found => found.Kind == row.Kind);
    }

    /// <summary>Rows of a checkpoint, stats first.</summary>
    public Task<List<AnchorRecordRow>> OfAsync(string checkpointHash, string network, CancellationToken cancellationToken) =>
        ReadAsync(rows => rows.Where(row => row.CheckpointHash == checkpointHash && row.AnchorNetwork == network).OrderByDescending(row => row.Kind), cancellationToken);

    /// <summary>The row with an id; null where there is none.</summary>
    public async Task<AnchorRecordRow?> FindAsync(string anchorId, CancellationToken cancellationToken) =>
        (await ReadAsync(rows => rows.Where(row => row.AnchorId == anchorId), cancellationToken).ConfigureAwait(false)).FirstOrDefault();

    /// <summary>Rows of a kind, highest checkpoint first.</summary>
    public Task<List<AnchorRecordRow>> NewestAsync(string kind, string network, int most, CancellationToken cancellationToken) =>
        ReadAsync(rows => rows.Where(row => row.Kind == kind && row.AnchorNetwork == network).OrderByDescending(row => row.CheckpointHeight).Take(most), cancellationToken);

    /// <summary>The row of a kind with the lowest checkpoint of a height or more that can still be anchored; null where there is none.</summary>
    public async Task<AnchorRecordRow?> FirstCoveringAsync(string kind, long height, string network, CancellationToken cancellationToken) => (await ReadAsync(
        rows => rows.Where(row => row.Kind == kind && row.CheckpointHeight >= height && row.AnchorNetwork == network && row.Status != AnchorStatus.Failed).OrderBy(row => row.CheckpointHeight).Take(1),
        cancellationToken).ConfigureAwait(false)).FirstOrDefault();

    /// <summary>Rows of checkpoints of a height or more that have a transaction, lowest first.</summary>
    public Task<List<AnchorRecordRow>> CoveringAsync(long height, string network, CancellationToken cancellationToken) =>
        ReadAsync(rows => rows.Where(row => row.CheckpointHeight >= height && row.AnchorNetwork == network && row.TxRef != "").OrderBy(row => row.CheckpointHeight), cancellationToken);

    /// <summary>The anchored row of the lowest checkpoint of a height or more; null where there is none.</summary>
    public async Task<AnchorRecordRow?> OldestAnchoredAsync(long height, int minConfirmations, string network, CancellationToken cancellationToken) => (await ReadAsync(
        rows => rows.Where(row => row.CheckpointHeight >= height && row.AnchorNetwork == network && row.Status == AnchorStatus.Anchored && row.Confirmations >= minConfirmations).OrderBy(row => row.CheckpointHeight).Take(1),
        cancellationToken).ConfigureAwait(false)).FirstOrDefault();

    /// <summary>Rows that are due and unclaimed, the longest waiting first; one for each checkpoint.</summary>
    public async Task<IReadOnlyList<AnchorRecordRow>> DueAsync(string network, long nowMs, int most, CancellationToken cancellationToken)
    {
        var due = await ReadAsync(
            rows => rows.Where(row => row.AnchorNetwork == network && row.NextAtMs != null && row.NextAtMs <= nowMs && row.ClaimUntilMs <= nowMs).OrderBy(row => row.NextAtMs).ThenBy(row => row.CheckpointHeight).Take(most),
            cancellationToken).ConfigureAwait(false);
        return [.. due.DistinctBy(row => row.CheckpointHash)];
    }

    /// <summary>
    /// Whether another checkpoint's transaction is signed and was never taken: a new one could spend the same coins. One that the node refuses for now holds up nobody.
    /// </summary>
    public async Task<bool> HasUnsentAsync(string checkpointHash, string network, CancellationToken cancellationToken) => (await ReadAsync(
        rows => rows.Where(row => row.AnchorNetwork == network && row.CheckpointHash != checkpointHash && row.Status == AnchorStatus.Pending && row.RawHex != null && !row.WasTaken
            && (row.LastCheckError == null || !row.LastCheckError.StartsWith("bitcoind_rejected"))).Take(1),
        cancellationToken).ConfigureAwait(false)).Count > 0;

    /// <summary>Takes a checkpoint's rows for one step; false when another silo has them.</summary>
    public Task<bool> ClaimAsync(AnchorRecordRow row, string claimId, long nowMs, long untilMs, CancellationToken cancellationToken) => writer.WriteAsync(
        batch => batch.Execute(
            "UPDATE anchor_records SET claim_id = $3, claim_until_ms = $4 WHERE checkpoint_hash = $1 AND anchor_network = $2 AND claim_until_ms <= $5",
            row.CheckpointHash, row.AnchorNetwork, claimId, untilMs, nowMs) > 0,
        cancellationToken);

    /// <summary>Keeps signed bytes, before they are sent; false when the claim was lost, and then they must not be.</summary>
    public Task<bool> KeepSignedAsync(AnchorRecordRow row, string claimId, string rawHex, CancellationToken cancellationToken) => writer.WriteAsync(
        batch => batch.Execute(
            "UPDATE anchor_records SET raw_hex = $4 WHERE checkpoint_hash = $1 AND anchor_network = $2 AND claim_id = $3 AND raw_hex IS NULL",
            row.CheckpointHash, row.AnchorNetwork, claimId, rawHex) > 0,
        cancellationToken);

    /// <summary>Writes what a step found and gives the rows back; false when the claim was lost.</summary>
    public Task<bool> ApplyAsync(AnchorRecordRow row, string claimId, AnchorChange change, CancellationToken cancellationToken) => writer.WriteAsync(
        batch => batch.Execute(
            """
            UPDATE anchor_records SET status = $4, tx_ref = COALESCE($5, tx_ref), confirmations = $6, block_hash = $7, last_check_error = $8, anchored_at_ms = $9, next_at_ms = $10,
                was_taken = (was_taken OR $11), claim_id = NULL, claim_until_ms = 0
            WHERE checkpoint_hash = $1 AND anchor_network = $2 AND claim_id = $3
            """,
            row.CheckpointHash, row.AnchorNetwork, claimId, EnumText.Of(change.Status), change.TxRef, change.Confirmations, change.BlockHash, change.Error, change.AnchoredAtMs, change.NextAtMs, change.TxRef is not null) > 0,
        cancellationToken);

    /// <summary>Gives the rows back as they are.</summary>
    public Task ReleaseAsync(AnchorRecordRow row, string claimId) => writer.WriteAsync(
        batch => batch.Execute("UPDATE anchor_records SET claim_id = NULL, claim_until_ms = 0 WHERE checkpoint_hash = $1 AND anchor_network = $2 AND claim_id = $3", row.CheckpointHash, row.AnchorNetwork, claimId),
        CancellationToken.None);

    private async Task<List<AnchorRecordRow>> ReadAsync(Func<IQueryable<AnchorRecordRow>, IQueryable<AnchorRecordRow>> query, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await query(context.Set<AnchorRecordRow>()).ToListAsync(cancellationToken).ConfigureAwait(false);
    }
}
