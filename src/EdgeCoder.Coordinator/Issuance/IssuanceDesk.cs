using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Issuance;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Problems;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>What routes ask about issuance (economy-and-ledger 8.3).</summary>
internal sealed class IssuanceDesk(
    IssuanceRound round, IssuancePosting posting, Contributions contributions, LogProjections own, AnchorDesk anchors, LogRows log, IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts,
    CoordinatorIdentity identity, IssuanceSettings settings, PaymentClock time)
{
    private const int MostListed = 1_000;

    /// <summary>Proposes, votes and posts for the slot that ended last. The same slot is the same epoch, however often.</summary>
    public async Task<RecalculationAnswer> RecalculateAsync(CancellationToken cancellationToken)
    {
        var nowMs = time.NowMs;
        await round.RunAsync(nowMs, true, cancellationToken).ConfigureAwait(false);
        await posting.PostAsync(cancellationToken).ConfigureAwait(false);
        var epoch = await FindAsync(IssuanceTerms.EpochId(settings.Terms.SlotEnd(nowMs)), cancellationToken).ConfigureAwait(false);
        return new(true, epoch?.Show(), epoch?.AllocationCount ?? 0);
    }

    /// <summary>The newest epoch.</summary>
    public async Task<CurrentIssuance> CurrentAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await context.Set<IssuanceEpochRow>().OrderByDescending(row => row.WindowEndMs).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false) is not { } epoch)
        {
            return new(null, []);
        }

        var allocations = await context.Set<IssuanceAllocationRow>().Where(row => row.IssuanceEpochId == epoch.IssuanceEpochId).OrderBy(row => row.AccountId).ThenBy(row => row.HomeCoordinatorId).Take(MostListed)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return new(epoch.Show(), [.. allocations.Select(row => row.Show(epoch.TotalWeightMicro))]);
    }

    /// <summary>The newest epochs.</summary>
    public async Task<IssuanceHistory> HistoryAsync(int limit, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<IssuanceEpochRow>().OrderByDescending(row => row.WindowEndMs).Take(limit).ToListAsync(cancellationToken).ConfigureAwait(false);
        return new([.. rows.Select(row => row.Show())]);
    }

    /// <summary>What an account of this coordinator contributed in the window that ends now, of what counts.</summary>
    public async Task<RollingAnswer> RollingAsync(string accountId, CancellationToken cancellationToken)
    {
        var size = await own.CatchUpAsync(cancellationToken).ConfigureAwait(false);
        var nowMs = time.NowMs;
        var all = (await contributions.OfAsync([new(identity.PeerId, size)], nowMs - settings.Terms.WindowMs, nowMs, null, cancellationToken).ConfigureAwait(false)).Where(one => one.Counts).ToList();
        var mine = all.Where(one => one.AccountId == accountId).ToList();
        if (mine.Count == 0)
        {
            return new(accountId, settings.Terms.WindowMs, null);
        }

        var weight = mine.Sum(one => one.WeightMicro);
        return new(accountId, settings.Terms.WindowMs, new(IssuanceViews.Millionths(weight), new IssuanceAllocation(accountId, identity.PeerId, 0, weight).Share(all.Sum(one => one.WeightMicro)), mine.Count));
    }

    /// <summary>Records of an epoch.</summary>
    public async Task<QuorumRecords> RecordsAsync(string epochId, CancellationToken cancellationToken)
    {
        var records = await writer.WriteAsync(batch => QuorumBook.Of(batch, epochId), cancellationToken).ConfigureAwait(false);
        return new(epochId, [.. records.Select(one => one.Show())]);
    }

    /// <summary>
    /// Votes as this coordinator about an open epoch, once. An approval needs the same figures. Throws <see cref="Refusal"/>: 404 <c>epoch_not_found</c>, 409
    /// <c>already_voted</c>, <c>epoch_final</c>, <c>recomputation_mismatch</c>.
    /// </summary>
    public async Task<QuorumVoteAnswer> VoteAsync(QuorumVoteRequest request, CancellationToken cancellationToken)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, request.EpochId is { Length: > 3 and <= 128 }, "epochId", "the id of an epoch, as ep-1700002800000");
        FieldRules.Require(issues, request.Vote is IssuanceVote.Approve or IssuanceVote.Reject, "vote", "approve or reject");
        FieldRules.ThrowIfAny(issues);
        var epoch = await FindAsync(request.EpochId!, cancellationToken).ConfigureAwait(false) ?? throw new Refusal(404, "epoch_not_found", "There is no such epoch here.");
        if (request.Vote == IssuanceVote.Approve)
        {
            await round.RunAsync(time.NowMs, false, cancellationToken).ConfigureAwait(false);
        }

        var nowMs = time.NowMs;
        var cast = await writer.WriteAsync(batch => Cast(batch, epoch, request.Vote!, nowMs), cancellationToken).ConfigureAwait(false);
        return new(true, cast.Show());
    }

    /// <summary>
    /// Anchors the newest final epoch, once a checkpoint of the log covers its commit; null before that. Throws <see cref="Refusal"/> 503 <c>anchoring_not_configured</c>.
    /// </summary>
    public async Task<IssuanceAnchorAnswer> AnchorAsync(CancellationToken cancellationToken)
    {
        anchors.RequireProvider();
        return new(true, await NewestCommitAsync(cancellationToken).ConfigureAwait(false) is var (epochId, sequence) ? await anchors.AnchorIssuanceAsync(epochId, sequence, cancellationToken).ConfigureAwait(false) : null);
    }

    private SignedQuorumRecord Cast(IStoreBatch batch, IssuanceEpochRow epoch, string vote, long nowMs)
    {
        var before = QuorumBook.Votes(batch, epoch.IssuanceEpochId).Where(one => one.Record.CoordinatorId == identity.PeerId).FirstOrDefault(one => IssuanceVote.Of(one)!.ProposalHash == epoch.ProposalHash);
        if (before is not null)
        {
            var said = IssuanceVote.Of(before)!;
            return said.Vote == vote ? before
                : said.Reason == IssuanceVote.Mismatch ? throw new Refusal(409, IssuanceVote.Mismatch, "This coordinator comes to other figures and has rejected the proposal.")
                : throw new Refusal(409, "already_voted", "This coordinator has voted on this proposal. A second, different vote would void both.");
        }

        if (EpochBook.IsFinal(batch, epoch.IssuanceEpochId) is true)
        {
            throw new Refusal(409, "epoch_final", "The epoch is final.");
        }

        return vote == IssuanceVote.Reject
            ? QuorumBook.Append(batch, identity, QuorumRecordTypes.Vote, epoch.IssuanceEpochId, new IssuanceVote(epoch.ProposalHash, vote, identity.PeerId, "operator"), LedgerJson.Default.IssuanceVote, nowMs)
            : throw new Refusal(409, IssuanceVote.Mismatch, "This coordinator has not come to these figures: the slot is over, or a log that the proposal names is not here yet.");
    }

    private async Task<IssuanceEpochRow?> FindAsync(string epochId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<IssuanceEpochRow>().SingleOrDefaultAsync(row => row.IssuanceEpochId == epochId, cancellationToken).ConfigureAwait(false);
    }

    // The newest final epoch with the place of its commit in the own log.
    private async Task<(string EpochId, long Sequence)?> NewestCommitAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var newest = await context.Set<QuorumLedgerRecordRow>().Where(row => row.RecordType == QuorumRecordTypes.Commit && row.CoordinatorId == identity.PeerId).OrderByDescending(row => row.Sequence)
            .Select(row => new { row.EpochId, row.Hash }).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (newest is null)
        {
            return null;
        }

        // From the end: it is among the last.
        var head = await log.HeadAsync(cancellationToken).ConfigureAwait(false);
        for (var end = head.Size; end > 0; end -= LogRows.Page)
        {
            var leaves = await log.LeavesAsync(Math.Max(1, end - LogRows.Page + 1), (int)Math.Min(LogRows.Page, end), cancellationToken).ConfigureAwait(false);
            foreach (var bytes in leaves)
            {
                if (RecordLeaf.TryRead(bytes, out var leaf) is null && leaf!.Record is { EventType: "quorum_record", PayloadJson: { } payload } && SignedQuorumRecord.TryRead(payload, out var record) is null && record!.Hash == newest.Hash)
                {
                    return (newest.EpochId, leaf.Record.Sequence);
                }
            }
        }

        return null;
    }
}
