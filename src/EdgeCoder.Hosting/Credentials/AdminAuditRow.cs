using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Hosting.Credentials;

/// <summary>A use of an operator's rights, written before the route runs (coordinator-and-mesh 2.3). Ids and paths, never bodies or tokens.</summary>
public sealed class AdminAuditRow
{
    /// <summary>UUID, version 7: in order of time.</summary>
    public required string Id { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }

    /// <summary><c>operator</c> or <c>mesh_service</c>.</summary>
    public required Callers.CallerKinds Kind { get; init; }

    /// <summary>Name of the token.</summary>
    public required string Name { get; init; }

    /// <summary>Method.</summary>
    public required string Method { get; init; }

    /// <summary>Path, without the query.</summary>
    public required string Path { get; init; }

    /// <summary>Where it came from.</summary>
    public required string Address { get; init; }
}

internal sealed class AdminAuditRowConfiguration : IEntityTypeConfiguration<AdminAuditRow>
{
    public void Configure(EntityTypeBuilder<AdminAuditRow> builder)
    {
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => row.AtMs);
    }
}
