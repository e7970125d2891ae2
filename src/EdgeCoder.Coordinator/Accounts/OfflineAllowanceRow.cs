using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>What a requester may spend while no coordinator can be reached, held for it (economy-and-ledger 17).</summary>
[KeyOrder]
internal sealed class OfflineAllowanceRow
{
    /// <summary>The allowance, named by its requester.</summary>
    public required string AllowanceId { get; init; }

    /// <summary>Agent that may spend.</summary>
    public required string RequesterId { get; init; }

    /// <summary>Account that pays.</summary>
    public required string AccountId { get; init; }

    /// <summary>Most in all, in millicredits.</summary>
    public required long LimitMc { get; init; }

    /// <summary>Most to one provider, in millicredits.</summary>
    public required long PerProviderMc { get; init; }

    /// <summary>From when.</summary>
    public required long ValidFromMs { get; init; }

    /// <summary>Until when.</summary>
    public required long ValidUntilMs { get; init; }

    /// <summary>The exact bytes of the signed allowance.</summary>
    public required byte[] Document { get; init; }

    /// <summary>The coordinator's signature over them.</summary>
    public required string Signature { get; init; }

    /// <summary>The pending transfer that holds <see cref="HeldMc"/>; null when nothing is left.</summary>
    public string? HoldId { get; init; }

    /// <summary>Held and not spent.</summary>
    public required long HeldMc { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<OfflineAllowanceRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<OfflineAllowanceRow> builder) => builder.HasKey(row => row.AllowanceId);
    }
}
