using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>A record of a member of the quorum with its exact bytes (economy-and-ledger 8.2, 20). Never changed, never deleted: what contradicts itself is evidence.</summary>
internal sealed class QuorumLedgerRecordRow
{
    /// <summary>Hash of the bytes, hex.</summary>
    public required string Hash { get; init; }

    /// <summary>Author.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>Hash of the author's record before it.</summary>
    public required string PrevHash { get; init; }

    /// <summary>Place in the author's chain, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>0; more for another record at the same place, which no honest author writes.</summary>
    public required long Fork { get; init; }

    /// <summary>Proposal, vote, commit or checkpoint.</summary>
    public required string RecordType { get; init; }

    /// <summary>Epoch.</summary>
    public required string EpochId { get; init; }

    /// <summary>Exact bytes.</summary>
    public required byte[] Document { get; init; }

    /// <summary>The author's signature of the hash, base64.</summary>
    public required string Signature { get; init; }

    /// <summary>When it was written, by its author.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>When it came here.</summary>
    public required long ReceivedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<QuorumLedgerRecordRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<QuorumLedgerRecordRow> builder)
        {
            builder.HasKey(row => row.Hash);

            // Two silos of one coordinator cannot both write the next record.
            builder.HasIndex(row => new { row.CoordinatorId, row.Sequence, row.Fork }).IsUnique();
            builder.HasIndex(row => row.EpochId);
        }
    }
}
