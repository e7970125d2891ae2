using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Mirrors;

/// <summary>How far the log of a peer is kept here.</summary>
internal sealed class LogMirrorRow
{
    /// <summary>Coordinator whose log it is.</summary>
    public required string Source { get; init; }

    /// <summary>Records that are kept.</summary>
    public required long Size { get; init; }

    /// <summary>Hash of the last, hex; <c>GENESIS</c> before the first.</summary>
    public required string Hash { get; init; }

    /// <summary>Time of the last.</summary>
    public required long IssuedAtMs { get; init; }

    /// <summary>Right edge of their tree.</summary>
    public required byte[] Frontier { get; init; }

    /// <summary>Size of the newest checkpoint that the records were found to be those of; 0 before the first.</summary>
    public required long CheckpointSize { get; init; }

    /// <summary>That checkpoint, signed; empty before the first.</summary>
    public required string Note { get; init; }

    /// <summary>Why the log goes no further here, as the code of a fault; null while it does.</summary>
    public string? Fault { get; init; }

    /// <summary>When a valid checkpoint came last.</summary>
    public required long SeenAtMs { get; init; }

    /// <summary>Key.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<LogMirrorRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<LogMirrorRow> builder) => builder.HasKey(r => r.Source);
    }
}
