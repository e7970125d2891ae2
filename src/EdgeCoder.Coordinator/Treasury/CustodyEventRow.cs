using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Treasury;

/// <summary>What a custodian does.</summary>
internal enum CustodyAction
{
    /// <summary>Writes a policy.</summary>
    CreatePolicy,

    /// <summary>Puts it in force.</summary>
    ActivatePolicy,

    /// <summary>Changed a key of the treasury.</summary>
    RotateKey,

    /// <summary>Agrees to one release.</summary>
    ApproveRelease,
}

/// <summary>An act of custody with its exact signed bytes (economy-and-ledger 7). Never changed; each is a leaf of the log.</summary>
internal sealed class CustodyEventRow
{
    /// <summary>Chosen by who signed it.</summary>
    public required string EventId { get; init; }

    /// <summary>Policy.</summary>
    public required string PolicyId { get; init; }

    /// <summary>Who signed it.</summary>
    public required string ActorId { get; init; }

    /// <summary>Act.</summary>
    public required CustodyAction Action { get; init; }

    /// <summary>What it is about.</summary>
    public required string Details { get; init; }

    /// <summary>Exact bytes, with their signature.</summary>
    public required byte[] Document { get; init; }

    /// <summary>Over the bytes without it.</summary>
    public required string Signature { get; init; }

    /// <summary>When, by who signed it.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<CustodyEventRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<CustodyEventRow> builder)
        {
            builder.ToTable("key_custody_events").HasKey(row => row.EventId);
            builder.Property(row => row.Action).HasConversion(new EnumTextConverter<CustodyAction>());
            builder.HasIndex(row => new { row.PolicyId, row.Action, row.CreatedAtMs });
            builder.HasIndex(row => row.CreatedAtMs);
        }
    }
}
