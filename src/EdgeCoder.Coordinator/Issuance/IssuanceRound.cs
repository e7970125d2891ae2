using System.Text.Json;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Issuance;
using EdgeCoder.Ledger.Quorum;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>What a member makes of a proposal.</summary>
internal enum ProposalJudgement
{
    /// <summary>Everything was come to again.</summary>
    Equal,

    /// <summary>Something else was come to.</summary>
    Different,

    /// <summary>A log that it names is not here yet as far as it says.</summary>
    NotYet,
}

/// <summary>A proposal of a slot with what was calculated here from the same inputs.</summary>
/// <param name="Proposal">What it says; null where it is no proposal.</param>
/// <param name="Record">The record; null for one of this moment that nobody has signed yet.</param>
/// <param name="Judgement">How it compares.</param>
/// <param name="Figures">What was calculated; null where it was not equal.</param>
internal sealed record Candidate(IssuanceProposal? Proposal, SignedQuorumRecord? Record, ProposalJudgement Judgement, IssuanceFigures? Figures);

/// <summary>
/// One slot's agreement (economy-and-ledger 8.2). Everything that reads logs is done before the transaction; in it, on what the store says at that moment:
/// 1. a final epoch ends it; 2. the own proposal, unless one was approved already; 3. one approval in a slot, and a rejection of what differs; 4. the count; 5. at the
/// threshold the epoch is final, with its commit and the checkpoint of the log.
/// </summary>
internal sealed class IssuanceRound(
    IStoreWriter writer, LogProjections projections, FederationGate gate, Contributions contributions, LogCheckpoints checkpoints, QuorumMembers members, LoadNow load, CoordinatorIdentity identity, IssuanceSettings settings)
{
    private const int Tries = 16;

    /// <summary>Proposes, votes and counts for the slot that ended last.</summary>
    /// <param name="nowMs">Now.</param>
    /// <param name="propose">Whether this member proposes; else it votes on what others proposed.</param>
    /// <param name="cancellationToken">Cancels; what was written stays and is gone on with.</param>
    /// <returns>Whether the slot has a proposal.</returns>
    public async Task<bool> RunAsync(long nowMs, bool propose, CancellationToken cancellationToken)
    {
        var slotEndMs = settings.Terms.SlotEnd(nowMs);
        var epochId = IssuanceTerms.EpochId(slotEndMs);
        var set = await members.NowAsync(cancellationToken).ConfigureAwait(false);
        if (!set.Any(member => member.CoordinatorId == identity.PeerId))
        {
            return false;
        }

        var (final, before) = await writer.WriteAsync(batch => (EpochBook.IsFinal(batch, epochId), QuorumBook.Of(batch, epochId).Count), cancellationToken).ConfigureAwait(false);
        if (final is true)
        {
            return true;
        }

        // Nothing to agree on: an idle coordinator without peers writes nothing.
        if (set.Count == 1 && before == 0 && (!propose || !await contributions.AnySinceAsync(slotEndMs - settings.Terms.WindowMs, cancellationToken).ConfigureAwait(false)))
        {
            return false;
        }

        await projections.CatchUpAsync(cancellationToken).ConfigureAwait(false);
        var mayFinish = await gate.IsOpenAsync(cancellationToken).ConfigureAwait(false);
        var (previous, known) = await writer.WriteAsync(batch => (EpochBook.LoadBefore(batch, slotEndMs), QuorumBook.Of(batch, epochId)), cancellationToken).ConfigureAwait(false);
        var checkpoint = (await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false)).Checkpoint;
        List<Candidate> candidates = [];
        foreach (var record in known.Where(one => one.Record.RecordType == QuorumRecordTypes.Proposal))
        {
            candidates.Add(await JudgeAsync(record, slotEndMs, previous, set, cancellationToken).ConfigureAwait(false));
        }

        // What another member proposed and this one came to itself needs no second proposal.
        if (propose && !candidates.Any(one => one is { Judgement: ProposalJudgement.Equal, Record: { } record } && record.Record.CoordinatorId != identity.PeerId)
            && await DraftAsync(slotEndMs, previous, checkpoint.Size, set, cancellationToken).ConfigureAwait(false) is { } draft)
        {
            candidates.Add(draft);
        }

        for (var count = 1; candidates.Count > 0; count++)
        {
            try
            {
                await writer.WriteAsync(batch => Decide(batch, epochId, slotEndMs, previous, candidates, set, mayFinish, checkpoint.Hash, nowMs), cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (QuorumMovedException) when (count < Tries)
            {
                // Another silo wrote meanwhile; its records count as ours.
            }
        }

        return false;
    }

    private async Task<Candidate?> DraftAsync(long slotEndMs, long? previous, long ownSize, IReadOnlyList<QuorumPeer> set, CancellationToken cancellationToken)
    {
        var cursors = await contributions.CursorsAsync(cancellationToken).ConfigureAwait(false);
        List<ProposalSource> sources = [.. set.Where(member => cursors.ContainsKey(member.CoordinatorId))
            .Select(member => new ProposalSource(member.CoordinatorId, member.CoordinatorId == identity.PeerId ? Math.Min(ownSize, cursors[member.CoordinatorId]) : cursors[member.CoordinatorId]))];
        var work = await contributions.OfAsync(sources, slotEndMs - settings.Terms.WindowMs, slotEndMs, null, cancellationToken).ConfigureAwait(false);
        if (!work.Any(one => one.Counts))
        {
            return null;
        }

        var now = await load(cancellationToken).ConfigureAwait(false);
        var inputs = new IssuanceInputs(now.Queued, now.Active, Math.Max(1, now.CpuCapacity), Math.Max(1, now.GpuCapacity), previous);
        var figures = IssuanceFigures.Of(settings.Terms, inputs, slotEndMs, work)!;
        return new(IssuanceProposal.Of(settings.Terms, inputs, slotEndMs, set.Select(member => member.CoordinatorId), sources, figures), null, ProposalJudgement.Equal, figures);
    }

    // Whoever proposes chooses neither who counts nor what counts: the set, the logs, the load before and every figure are this member's own.
    private async Task<Candidate> JudgeAsync(SignedQuorumRecord record, long slotEndMs, long? previous, IReadOnlyList<QuorumPeer> set, CancellationToken cancellationToken)
    {
        IssuanceProposal? proposal;
        try
        {
            proposal = record.Record.PayloadJson.Deserialize(LedgerJson.Default.IssuanceProposal);
        }
        catch (JsonException)
        {
            proposal = null;
        }

        var names = set.Select(member => member.CoordinatorId).ToList();
        if (proposal is null || !names.Contains(record.Record.CoordinatorId) || !proposal.Members.SequenceEqual(names) || proposal.WindowEndMs != slotEndMs || proposal.PreviousLoad != previous
            || proposal.Sources.DistinctBy(source => source.CoordinatorId).Count() != proposal.Sources.Count || proposal.Sources.Any(source => !names.Contains(source.CoordinatorId)))
        {
            return new(proposal, record, ProposalJudgement.Different, null);
        }

        var cursors = await contributions.CursorsAsync(cancellationToken).ConfigureAwait(false);
        if (proposal.Sources.Any(source => source.Size > cursors.GetValueOrDefault(source.CoordinatorId)))
        {
            return new(proposal, record, ProposalJudgement.NotYet, null);
        }

        var work = await contributions.OfAsync(proposal.Sources, slotEndMs - settings.Terms.WindowMs, slotEndMs, null, cancellationToken).ConfigureAwait(false);
        return proposal.IsRecomputed(settings.Terms, work)
            ? new(proposal, record, ProposalJudgement.Equal, IssuanceFigures.Of(settings.Terms, proposal.Inputs(), slotEndMs, work))
            : new(proposal, record, ProposalJudgement.Different, null);
    }

    private bool Decide(IStoreBatch batch, string epochId, long slotEndMs, long? previous, List<Candidate> candidates, IReadOnlyList<QuorumPeer> set, bool mayFinish, string checkpointHash, long nowMs)
    {
        // 1. Also when the epoch before became final meanwhile: the load would be another.
        if (EpochBook.IsFinal(batch, epochId) is true || EpochBook.LoadBefore(batch, slotEndMs) != previous)
        {
            return false;
        }

        // 2
        var cast = QuorumBook.Votes(batch, epochId).Where(one => one.Record.CoordinatorId == identity.PeerId).Select(one => IssuanceVote.Of(one)!).ToDictionary(vote => vote.ProposalHash, vote => vote.Vote, StringComparer.Ordinal);
        var approved = cast.ContainsValue(IssuanceVote.Approve);
        List<Candidate> open = [];
        foreach (var one in candidates)
        {
            if (one.Record is not null)
            {
                open.Add(one);
            }
            else if (!approved)
            {
                open.Add(one with { Record = Propose(batch, epochId, one, nowMs) });
            }
        }

        // 3. The newest of the smallest id: members who see the same proposals approve the same one.
        foreach (var one in open.OrderBy(one => one.Record!.Record.CoordinatorId, StringComparer.Ordinal).ThenByDescending(one => one.Record!.Record.CreatedAtMs))
        {
            var hash = one.Record!.ContentHash;
            if (cast.ContainsKey(hash) || one.Judgement == ProposalJudgement.NotYet || (one.Judgement == ProposalJudgement.Equal && approved))
            {
                continue;
            }

            var vote = one.Judgement == ProposalJudgement.Equal ? new IssuanceVote(hash, IssuanceVote.Approve, identity.PeerId) : new IssuanceVote(hash, IssuanceVote.Reject, identity.PeerId, IssuanceVote.Mismatch);
            QuorumBook.Append(batch, identity, QuorumRecordTypes.Vote, epochId, vote, LedgerJson.Default.IssuanceVote, nowMs);
            cast[hash] = vote.Vote;
            if (one.Judgement == ProposalJudgement.Equal)
            {
                approved = true;
                EpochBook.Put(batch, one.Record, one.Proposal!, one.Figures!, null);
            }
        }

        // 4
        var names = set.Select(member => member.CoordinatorId).ToList();
        var votes = QuorumBook.Votes(batch, epochId);
        foreach (var one in open.Where(one => one.Figures is not null))
        {
            var tally = QuorumTally.Of(one.Record!.ContentHash, names, votes);
            if (tally.Outcome == QuorumOutcome.Final && mayFinish)
            {
                // 5
                return Finish(batch, one, tally, names, checkpointHash, nowMs);
            }
        }

        return false;
    }

    private SignedQuorumRecord Propose(IStoreBatch batch, string epochId, Candidate draft, long nowMs)
    {
        var record = QuorumBook.Append(batch, identity, QuorumRecordTypes.Proposal, epochId, draft.Proposal!, LedgerJson.Default.IssuanceProposal, nowMs);
        EpochBook.Put(batch, record, draft.Proposal!, draft.Figures!, null);
        return record;
    }

    private bool Finish(IStoreBatch batch, Candidate agreed, QuorumTally tally, List<string> names, string checkpointHash, long nowMs)
    {
        if (!EpochBook.Put(batch, agreed.Record!, agreed.Proposal!, agreed.Figures!, nowMs))
        {
            return false;
        }

        if (agreed.Record!.Record.CoordinatorId == identity.PeerId)
        {
            var epochId = agreed.Record.Record.EpochId;
            QuorumBook.Append(
                batch, identity, QuorumRecordTypes.Commit, epochId,
                new IssuanceCommit(agreed.Record.ContentHash, [.. tally.Approvals.Select(one => one.Show())], [.. tally.Rejections.Select(one => one.Show())], tally.Threshold, names), LedgerJson.Default.IssuanceCommit, nowMs);
            QuorumBook.Append(
                batch, identity, QuorumRecordTypes.Checkpoint, epochId, new IssuanceCheckpoint(checkpointHash, agreed.Figures!.Allocations.Count), LedgerJson.Default.IssuanceCheckpoint, nowMs);
        }

        return true;
    }
}
