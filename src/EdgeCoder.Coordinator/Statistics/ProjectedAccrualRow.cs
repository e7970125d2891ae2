using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>What an <c>earnings_accrual</c> of a log says (economy-and-ledger 10, 12). It can be dropped and made again from the logs.</summary>
[KeyOrder]
internal sealed class ProjectedAccrualRow
{
    /// <summary>Whose log.</summary>
    public required string Source { get; init; }

    /// <summary>Place in it.</summary>
    public required long Sequence { get; init; }

    /// <summary>Who was paid.</summary>
    public required string AccountId { get; init; }

    /// <summary>Who worked.</summary>
    public required string AgentId { get; init; }

    /// <summary>What was paid, in millicredits.</summary>
    public required long CreditsMc { get; init; }

    /// <summary>Weight in issuance, in millionths.</summary>
    public required long WeightMicro { get; init; }

    /// <summary>Whether it was run again.</summary>
    public required bool Verified { get; init; }

    /// <summary>Whether payer and payee share an owner or a member.</summary>
    public required bool SameOwner { get; init; }

    /// <summary>When the record was issued.</summary>
    public required long IssuedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<ProjectedAccrualRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<ProjectedAccrualRow> builder)
        {
            builder.HasKey(row => new { row.Source, row.Sequence });
            builder.HasIndex(row => row.IssuedAtMs);
        }
    }
}
