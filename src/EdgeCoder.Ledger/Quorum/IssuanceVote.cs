using System.Text.Json;

namespace EdgeCoder.Ledger.Quorum;

/// <summary>Content of an <c>issuance_vote</c>.</summary>
/// <param name="ProposalHash">Hash of the proposal's content.</param>
/// <param name="Vote"><c>approve</c> or <c>reject</c>.</param>
/// <param name="VoterCoordinatorId">The author again: the signature covers it.</param>
/// <param name="Reason">Why not; a code.</param>
public sealed record IssuanceVote(string ProposalHash, string Vote, string VoterCoordinatorId, string? Reason = null)
{
    /// <summary>For it.</summary>
    public const string Approve = "approve";

    /// <summary>Against it.</summary>
    public const string Reject = "reject";

    /// <summary>Why a member rejects what it did not come to itself.</summary>
    public const string Mismatch = "recomputation_mismatch";

    /// <summary>Reads the vote of a record; null for what is none, or is cast in another's name.</summary>
    public static IssuanceVote? Of(SignedQuorumRecord signed)
    {
        if (signed.Record.RecordType != QuorumRecordTypes.Vote)
        {
            return null;
        }

        try
        {
            return signed.Record.PayloadJson.Deserialize(LedgerJson.Default.IssuanceVote) is { Vote: Approve or Reject, ProposalHash.Length: 64 } vote
                && vote.VoterCoordinatorId == signed.Record.CoordinatorId ? vote : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Content of an <c>issuance_commit</c>: the signed votes that made a proposal final, as they stand in logs.</summary>
/// <param name="ProposalHash">Hash of the proposal's content.</param>
/// <param name="Approvals">For it.</param>
/// <param name="Rejections">Against it.</param>
/// <param name="Threshold">How many were needed.</param>
/// <param name="Members">The quorum set.</param>
public sealed record IssuanceCommit(string ProposalHash, IReadOnlyList<JsonElement> Approvals, IReadOnlyList<JsonElement> Rejections, int Threshold, IReadOnlyList<string> Members);

/// <summary>Content of an <c>issuance_checkpoint</c>.</summary>
/// <param name="CheckpointHash">The newest checkpoint of the author's log.</param>
/// <param name="AllocationCount">Allocations of the epoch.</param>
public sealed record IssuanceCheckpoint(string CheckpointHash, long AllocationCount);
