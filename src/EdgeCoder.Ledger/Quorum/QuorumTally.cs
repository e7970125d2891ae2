namespace EdgeCoder.Ledger.Quorum;

/// <summary>What became of a proposal.</summary>
public enum QuorumOutcome
{
    /// <summary>Votes are missing.</summary>
    Open,

    /// <summary>Enough approve.</summary>
    Final,

    /// <summary>So many reject that it cannot be final any more.</summary>
    Dead,
}

/// <summary>The votes about a proposal, counted (economy-and-ledger 8.2).</summary>
/// <param name="Outcome">What they come to.</param>
/// <param name="Threshold">Approvals that are needed: floor(n / 2) + 1.</param>
/// <param name="Approvals">Records of those who approve, in order of their authors.</param>
/// <param name="Rejections">Records of those who reject.</param>
/// <param name="Equivocators">Members who voted in two ways; none of their votes counts.</param>
public sealed record QuorumTally(
    QuorumOutcome Outcome, int Threshold, IReadOnlyList<SignedQuorumRecord> Approvals, IReadOnlyList<SignedQuorumRecord> Rejections, IReadOnlyList<string> Equivocators)
{
    /// <summary>Approvals that a quorum set of this size needs.</summary>
    public static int ThresholdOf(int members) => (members / 2) + 1;

    /// <summary>
    /// Counts: 1. votes of members alone, each once; 2. nothing of a member who approved and rejected one proposal, or approved two of one slot; 3. final at the threshold, dead
    /// when more reject than can be missing. The order of the votes makes no difference. The votes are of one epoch and their signatures are checked.
    /// </summary>
    public static QuorumTally Of(string proposalHash, IReadOnlyCollection<string> members, IEnumerable<SignedQuorumRecord> votes)
    {
        // 1
        var seats = members.ToHashSet(StringComparer.Ordinal);
        var cast = votes.Select(signed => (Signed: signed, Vote: IssuanceVote.Of(signed))).Where(one => one.Vote is not null && seats.Contains(one.Signed.Record.CoordinatorId))
            .GroupBy(one => one.Signed.Record.CoordinatorId, StringComparer.Ordinal).OrderBy(voter => voter.Key, StringComparer.Ordinal);

        // 2
        List<SignedQuorumRecord> approvals = [], rejections = [];
        List<string> equivocators = [];
        foreach (var voter in cast)
        {
            if (Equivocates(voter.Select(one => one.Vote!)))
            {
                equivocators.Add(voter.Key);
            }
            else if (voter.Where(one => one.Vote!.ProposalHash == proposalHash).OrderBy(one => one.Signed.Hash, StringComparer.Ordinal).FirstOrDefault() is { Vote: { } vote, Signed: var signed })
            {
                (vote.Vote == IssuanceVote.Approve ? approvals : rejections).Add(signed);
            }
        }

        // 3
        var threshold = ThresholdOf(seats.Count);
        var outcome = approvals.Count >= threshold ? QuorumOutcome.Final : rejections.Count > seats.Count - threshold ? QuorumOutcome.Dead : QuorumOutcome.Open;
        return new(outcome, threshold, approvals, rejections, equivocators);
    }

    /// <summary>Whether votes of one author and epoch contradict each other.</summary>
    public static bool Equivocates(IEnumerable<IssuanceVote> votes)
    {
        var distinct = votes.Select(vote => (vote.ProposalHash, vote.Vote)).ToHashSet();
        return distinct.Count(vote => vote.Vote == IssuanceVote.Approve) > 1 || distinct.Select(vote => vote.ProposalHash).Distinct().Count() < distinct.Count;
    }
}
