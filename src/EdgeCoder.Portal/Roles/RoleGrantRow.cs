using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Roles;

/// <summary>A role that was given to a person (portal-and-control-plane 8.2).</summary>
internal sealed class RoleGrantRow
{
    /// <summary>To whom.</summary>
    public required string AccountId { get; init; }

    /// <summary>Name of the role: <see cref="RoleNames"/>.</summary>
    public required string Role { get; init; }

    /// <summary>For what: a coordinator's id; empty where the role has no bounds.</summary>
    public required string Scope { get; init; }

    /// <summary>By whom: <c>user:ID</c> or <c>console</c>.</summary>
    public required string GrantedBy { get; init; }

    /// <summary>When.</summary>
    public required long GrantedAtMs { get; init; }
}

internal sealed class RoleGrantRowConfiguration : IEntityTypeConfiguration<RoleGrantRow>
{
    public void Configure(EntityTypeBuilder<RoleGrantRow> builder)
    {
        builder.HasKey(row => new { row.AccountId, row.Role, row.Scope });
        builder.HasOne<Accounts.AccountRow>().WithMany().HasForeignKey(row => row.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
