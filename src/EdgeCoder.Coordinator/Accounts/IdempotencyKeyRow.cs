using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>What a caller was answered for its <c>Idempotency-Key</c> (economy-and-ledger 1.3).</summary>
[KeyOrder]
internal sealed class IdempotencyKeyRow
{
    /// <summary>Who called: kind and name.</summary>
    public required string Caller { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of method, path and body, in hex.</summary>
    public required string RequestSha256 { get; init; }

    /// <summary>The answer, as JSON.</summary>
    public required string Answer { get; init; }

    /// <summary>When.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<IdempotencyKeyRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<IdempotencyKeyRow> builder) => builder.HasKey(row => new { row.Caller, row.Key });
    }
}
