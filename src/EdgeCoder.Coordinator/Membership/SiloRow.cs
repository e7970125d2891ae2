using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orleans.Runtime;

namespace EdgeCoder.Coordinator.Membership;

/// <summary>A silo of a cluster, living or dead.</summary>
internal sealed class SiloRow
{
    /// <summary>Cluster.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Address, port and generation, in Orleans' parsable form.</summary>
    public required string Address { get; init; }

    /// <summary>Changes with each update, except that of <see cref="IAmAliveMs"/>.</summary>
    public required string Etag { get; init; }

    /// <summary>State in the membership protocol.</summary>
    public required SiloStatus Status { get; init; }

    /// <summary>Port for clients outside; 0 without.</summary>
    public required int ProxyPort { get; init; }

    /// <summary>Name of its machine.</summary>
    public required string HostName { get; init; }

    /// <summary>Its own name.</summary>
    public required string SiloName { get; init; }

    /// <summary>Role.</summary>
    public string? RoleName { get; init; }

    /// <summary>Update zone.</summary>
    public required int UpdateZone { get; init; }

    /// <summary>Fault zone.</summary>
    public required int FaultZone { get; init; }

    /// <summary>Who suspects it since when: <c>address milliseconds</c>, separated by <c>|</c>.</summary>
    public required string Suspects { get; init; }

    /// <summary>Start.</summary>
    public required long StartedAtMs { get; init; }

    /// <summary>Last sign of life that it wrote itself.</summary>
    public required long IAmAliveMs { get; init; }

    /// <summary>Table and keys.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<SiloRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<SiloRow> builder) => builder.HasKey(r => new { r.ClusterId, r.Address });
    }
}
