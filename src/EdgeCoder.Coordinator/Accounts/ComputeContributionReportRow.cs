using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>What a paid lease contributed (economy-and-ledger 3.2): once per lease, kept for issuance and statistics.</summary>
[KeyOrder]
internal sealed class ComputeContributionReportRow
{
    /// <summary>The lease.</summary>
    public required string ReportId { get; init; }

    /// <summary>Who worked.</summary>
    public required string AgentId { get; init; }

    /// <summary>For which task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Who was paid.</summary>
    public required string AccountId { get; init; }

    /// <summary>Who paid.</summary>
    public required string PayerAccountId { get; init; }

    /// <summary>Processor or graphics processor.</summary>
    public required ResourceClass ResourceClass { get; init; }

    /// <summary>Time by the coordinator's clock, at most the budget, in milliseconds.</summary>
    public required long LeaseMs { get; init; }

    /// <summary>Whether it was run again; only then issuance counts it.</summary>
    public required bool Verified { get; init; }

    /// <summary>Quality as paid, in basis points.</summary>
    public required int QualityBps { get; init; }

    /// <summary>Whether payer and payee have an owner or member in common; issuance does not count those.</summary>
    public required bool SameOwner { get; init; }

    /// <summary>What was paid, in millicredits.</summary>
    public required long PaidMc { get; init; }

    /// <summary>Weight in issuance, in millionths.</summary>
    public required long WeightMicro { get; init; }

    /// <summary>When it was paid.</summary>
    public required long TimestampMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<ComputeContributionReportRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<ComputeContributionReportRow> builder)
        {
            builder.HasKey(row => row.ReportId);
            builder.HasIndex(row => row.TimestampMs);
        }
    }
}
