using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>A node that may bind a key with a one-use token, for a coordinator without a portal (coordinator-and-mesh 3.1).</summary>
internal sealed record EnrolmentRow
{
    /// <summary>The node.</summary>
    public required string NodeId { get; init; }

    /// <summary><c>agent</c>.</summary>
    public required string NodeKind { get; init; }

    /// <summary>Who answers for it and is paid.</summary>
    public required string OwnerAccountId { get; init; }

    /// <summary>Tenants of the owner, one a line.</summary>
    public string Tenants { get; init; } = "";

    /// <summary>Hex SHA-256 of the token, the only form in which it is kept.</summary>
    public required string TokenSha256 { get; init; }

    /// <summary>The token binds no key from here on.</summary>
    public required long ExpiresAtMs { get; init; }

    /// <summary>Hex SHA-256 of the key that the token bound; null while it is unused.</summary>
    public string? UsedByKeySha256 { get; init; }

    /// <summary>When it did.</summary>
    public long? UsedAtMs { get; init; }

    /// <summary>Operator that enrolled the node.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When the token was made.</summary>
    public required long CreatedAtMs { get; init; }
}

internal sealed class EnrolmentConfiguration : IEntityTypeConfiguration<EnrolmentRow>
{
    public void Configure(EntityTypeBuilder<EnrolmentRow> builder) => builder.HasKey(r => r.NodeId);
}
