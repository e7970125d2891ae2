using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.DataProtection;

/// <summary>A key of ASP.NET Core Data Protection, wrapped by the key file: several instances share them (portal-and-control-plane 21).</summary>
internal sealed class DataProtectionKeyRow
{
    /// <summary>Name that the framework gave it.</summary>
    public required string Name { get; init; }

    /// <summary>Its XML; the key in it is encrypted.</summary>
    public required string Xml { get; init; }
}

internal sealed class DataProtectionKeyRowConfiguration : IEntityTypeConfiguration<DataProtectionKeyRow>
{
    public void Configure(EntityTypeBuilder<DataProtectionKeyRow> builder) => builder.HasKey(row => row.Name);
}
