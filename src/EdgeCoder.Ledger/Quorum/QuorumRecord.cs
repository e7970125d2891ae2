using System.Text.Json;

namespace EdgeCoder.Ledger.Quorum;

/// <summary>
/// What a member of a quorum says (economy-and-ledger 8.2). Its hash is signed in context <c>edgecoder/quorum-record/v1</c>; <see cref="PrevHash"/> chains the author's own
/// records.
/// </summary>
public sealed record QuorumRecord
{
    /// <summary>The version that is written and read here.</summary>
    public const int Version = 1;

    /// <summary><see cref="PrevHash"/> of an author's first record.</summary>
    public const string Genesis = "GENESIS";

    /// <summary>Version of the form; 1.</summary>
    public required int V { get; init; }

    /// <summary>Its id, a lower-case UUID.</summary>
    public required string RecordId { get; init; }

    /// <summary>One of <see cref="QuorumRecordTypes"/>.</summary>
    public required string RecordType { get; init; }

    /// <summary>Which epoch it is about.</summary>
    public required string EpochId { get; init; }

    /// <summary>Its author.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>Hash of the author's record before it.</summary>
    public required string PrevHash { get; init; }

    /// <summary>The proposal, vote, commit or checkpoint; an object.</summary>
    public required JsonElement PayloadJson { get; init; }

    /// <summary>When, in milliseconds since 1970.</summary>
    public required long CreatedAtMs { get; init; }
}

/// <summary>The kinds of records of a quorum.</summary>
public static class QuorumRecordTypes
{
    /// <summary>Figures and allocations of a slot.</summary>
    public const string Proposal = "issuance_proposal";

    /// <summary>For or against a proposal.</summary>
    public const string Vote = "issuance_vote";

    /// <summary>That a proposal is final, with the votes that made it so.</summary>
    public const string Commit = "issuance_commit";

    /// <summary>Which checkpoint of the log covers it.</summary>
    public const string Checkpoint = "issuance_checkpoint";

    /// <summary>Whether a text is one of them.</summary>
    public static bool IsKnown(string type) => type is Proposal or Vote or Commit or Checkpoint;
}
