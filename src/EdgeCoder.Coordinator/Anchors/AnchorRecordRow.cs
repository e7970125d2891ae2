using System.Text.Json.Serialization;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Protocol;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>How an anchor stands (economy-and-ledger 13.3). On the wire and in the store in <c>lower_snake_case</c>.</summary>
[JsonConverter(typeof(SnakeCaseEnum<AnchorStatus>))]
internal enum AnchorStatus
{
    /// <summary>Waits for its transaction to be taken; perhaps again, after a reorganisation.</summary>
    Pending,

    /// <summary>The node has taken the transaction.</summary>
    Broadcast,

    /// <summary>A block of the best chain holds it, deep enough.</summary>
    Anchored,

    /// <summary>It can never be taken, or an operator closed it.</summary>
    Failed,
}

/// <summary>A checkpoint's place in the block chain (economy-and-ledger 13.1). Rows of one checkpoint and network share one transaction, whatever kind they are.</summary>
internal sealed class AnchorRecordRow
{
    /// <summary>UUID.</summary>
    public required string AnchorId { get; set; }

    /// <summary>stats or issuance.</summary>
    public required string Kind { get; set; }

    /// <summary>Issuance epoch; null for stats.</summary>
    public string? EpochId { get; set; }

    /// <summary>What is anchored.</summary>
    public required string CheckpointHash { get; set; }

    /// <summary>Its height: leaves of the tree.</summary>
    public required long CheckpointHeight { get; set; }

    /// <summary>Hash of the leader's checkpoint that the transaction names, where a peer's record <c>anchor_set</c> covers this checkpoint; null where the transaction names it itself.</summary>
    public string? AnchoredHash { get; set; }

    /// <summary>The proof of that, JSON.</summary>
    public string? SetProof { get; set; }

    /// <summary>bitcoin, testnet, signet or regtest.</summary>
    public required string AnchorNetwork { get; set; }

    /// <summary>A real transaction's id, or empty; never invented.</summary>
    public required string TxRef { get; set; }

    /// <summary>The signed bytes, hex, stored before they are sent; null where none are signed, or where the anchor proxy keeps them.</summary>
    public string? RawHex { get; set; }

    /// <summary>State.</summary>
    public required AnchorStatus Status { get; set; }

    /// <summary>Blocks from its own to the newest, when it was looked at last.</summary>
    public required long Confirmations { get; set; }

    /// <summary>Its block.</summary>
    public string? BlockHash { get; set; }

    /// <summary>Why the last try or look found nothing out; null where it did.</summary>
    public string? LastCheckError { get; set; }

    /// <summary>When it was anchored last.</summary>
    public long? AnchoredAtMs { get; set; }

    /// <summary>When it was made.</summary>
    public required long CreatedAtMs { get; set; }

    /// <summary>When it is worked on next; null: never.</summary>
    public long? NextAtMs { get; set; }

    /// <summary>Whether a node has taken these bytes once.</summary>
    public bool WasTaken { get; set; }

    /// <summary>Silo that works on it.</summary>
    public string? ClaimId { get; set; }

    /// <summary>When that claim lapses.</summary>
    public long ClaimUntilMs { get; set; }

    /// <summary>Whether a peer sends its transaction, and this coordinator only looks.</summary>
    public bool IsFollowed() => AnchoredHash is not null;

    /// <summary>What its transaction carries, hex.</summary>
    public string PayloadHex() => AnchorPayload.Of(AnchoredHash ?? CheckpointHash);

    /// <summary>Keys.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<AnchorRecordRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<AnchorRecordRow> builder)
        {
            builder.HasKey(row => row.AnchorId);
            builder.HasIndex(row => new { row.Kind, row.CheckpointHash, row.AnchorNetwork }).IsUnique();
            builder.HasIndex(row => row.NextAtMs);
        }
    }
}

/// <summary>Kinds of anchors.</summary>
internal static class AnchorKinds
{
    /// <summary>Of the log.</summary>
    public const string Stats = "stats";

    /// <summary>Of an issuance commit.</summary>
    public const string Issuance = "issuance";
}
