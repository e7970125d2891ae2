using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>A key of a peer and when it counts (economy-and-ledger 16.2). The first is pinned at approval; each other came with a statement of the one before it.</summary>
internal sealed class PeerKeyRow
{
    /// <summary>Whose.</summary>
    public required string PeerId { get; init; }

    /// <summary>First 16 hex digits of its hash.</summary>
    public required string KeyId { get; init; }

    /// <summary>The key, SPKI PEM.</summary>
    public required string PublicKeyPem { get; init; }

    /// <summary>From when on it signs; 0 for the pinned one.</summary>
    public required long FromMs { get; init; }

    /// <summary>Until when it counts; null for the newest.</summary>
    public long? UntilMs { get; init; }

    /// <summary>The statement that announced it; null for the pinned one.</summary>
    public byte[]? Statement { get; init; }

    /// <summary>Key.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<PeerKeyRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<PeerKeyRow> builder) => builder.HasKey(r => new { r.PeerId, r.KeyId });
    }
}
