using EdgeCoder.Ledger.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Log;

/// <summary>A leaf of a log, as its exact bytes (economy-and-ledger 9, 10). Rows are added and never changed: they are the log, tiles on disk follow from them.</summary>
internal sealed class LogLeafRow
{
    /// <summary>Whose log: <c>edgecoder/&lt;peerId&gt;</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>Place, from 1 without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>Hash of the record, hex; the next record names it.</summary>
    public required string Hash { get; init; }

    /// <summary>The exact bytes that are hashed into the tree.</summary>
    public required byte[] Leaf { get; init; }

    /// <summary>Kind of the record; it is in the leaf too.</summary>
    public required string EventType { get; init; }

    /// <summary>Task of a receipt; null for every other kind.</summary>
    public string? ReceiptTaskId { get; init; }

    /// <summary>The row of a record.</summary>
    public static LogLeafRow Of(string origin, RecordLeaf leaf) => new()
    {
        Origin = origin,
        Sequence = leaf.Record.Sequence,
        Hash = leaf.Hash,
        Leaf = leaf.Bytes,
        EventType = leaf.Record.EventType,
        ReceiptTaskId = leaf.Record.EventType == RecordTypes.Receipt ? leaf.Record.TaskId : null,
    };

    /// <summary>Keys and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<LogLeafRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<LogLeafRow> builder)
        {
            builder.HasKey(r => new { r.Origin, r.Sequence });
            builder.HasIndex(r => r.Hash).IsUnique();
            builder.HasIndex(r => r.EventType).HasFilter("event_type = 'key_rotation'");
            builder.HasIndex(r => new { r.EventType, r.Sequence }).HasFilter("event_type = 'anchor_set'");
            builder.HasIndex(r => r.ReceiptTaskId).HasFilter("receipt_task_id IS NOT NULL");
        }
    }
}
