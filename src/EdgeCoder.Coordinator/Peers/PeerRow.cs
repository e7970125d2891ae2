using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>A coordinator that an operator has approved (coordinator-and-mesh 9.1). Its keys are <see cref="PeerKeyRow"/>.</summary>
internal sealed class PeerRow
{
    /// <summary>Its id.</summary>
    public required string PeerId { get; init; }

    /// <summary>Where it is.</summary>
    public required string CoordinatorUrl { get; init; }

    /// <summary><c>public_mesh</c> or <c>enterprise_overlay</c>: the same as here.</summary>
    public required string NetworkMode { get; init; }

    /// <summary>How it stands.</summary>
    public required PeerStatus Status { get; init; }

    /// <summary>Why it is suspended; null while it is active.</summary>
    public string? Reason { get; init; }

    /// <summary>Operator who approved it.</summary>
    public required string ApprovedBy { get; init; }

    /// <summary>When.</summary>
    public required long ApprovedAtMs { get; init; }

    /// <summary>Key.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<PeerRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<PeerRow> builder) => builder.HasKey(r => r.PeerId);
    }
}
