using System.Text.Json;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Trees;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Anchors;

/// <summary>A checkpoint in a set.</summary>
/// <param name="CheckpointHash">SHA-256 of its text, hex.</param>
/// <param name="Origin">Whose log.</param>
/// <param name="Size">Leaves.</param>
public sealed record AnchorSetMember(string CheckpointHash, string Origin, long Size);

/// <summary>Payload of a record <c>anchor_set</c> (economy-and-ledger 13.2): the checkpoints of several logs that one transaction covers.</summary>
/// <param name="AnchorNetwork">Network of that transaction.</param>
/// <param name="Members">One checkpoint for each log.</param>
/// <param name="V">Version of the form; 1.</param>
public sealed record AnchorSet(string AnchorNetwork, IReadOnlyList<AnchorSetMember> Members, int V)
{
    /// <summary>Kind of the record.</summary>
    public const string EventType = "anchor_set";

    private const int MostMembers = 1_000;

    /// <summary>The set in a record; null where there is none, or not of this form: a log named twice, or a figure out of range.</summary>
    public static AnchorSet? Of(OrderingRecord record)
    {
        if (record is not { EventType: EventType, PayloadJson: { } payload })
        {
            return null;
        }

        try
        {
            return payload.Deserialize(LedgerJson.Default.AnchorSet) is { V: 1, Members.Count: > 0 and <= MostMembers } set && set.Members.All(IsWhole)
                && set.Members.DistinctBy(member => member.Origin, StringComparer.Ordinal).Count() == set.Members.Count ? set : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsWhole(AnchorSetMember member) => member.Size > 0 && NoteKey.IsName(member.Origin) && member.CheckpointHash.Length == 64 && member.CheckpointHash.All(char.IsAsciiHexDigitLower);
}

/// <summary>
/// That a transaction which names one checkpoint covers another log's checkpoint too: a record <c>anchor_set</c> names the second, and is in the tree of the first. Every step is a
/// hash, so nobody's signature is needed: who finds the payload in a block knows that all of it was there before.
/// </summary>
public sealed record AnchorSetProof
{
    private const int MostHashes = 64;

    /// <summary>The exact bytes of the record's leaf, base64.</summary>
    public required string Leaf { get; init; }

    /// <summary>Its index, from 0.</summary>
    public required long LeafIndex { get; init; }

    /// <summary>Leaves of the anchored tree.</summary>
    public required long TreeSize { get; init; }

    /// <summary>Hashes beside the way to its root, lowest first, hex.</summary>
    public required IReadOnlyList<string> InclusionProof { get; init; }

    /// <summary>The anchored checkpoint: the three lines of its text.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The set that is proven; null where the proof does not lead to the checkpoint.</summary>
    public AnchorSet? Set()
    {
        if (Base64Text.TryRead(Leaf) is not { } bytes || RecordLeaf.TryRead(bytes, out var leaf) is not null || !leaf!.HasItsHash || !Notes.Checkpoint.TryParse(Checkpoint, out var checkpoint)
            || checkpoint.Size != TreeSize || leaf.Record.Sequence != LeafIndex + 1 || checkpoint.Origin != Notes.Checkpoint.OriginOf(leaf.Record.CoordinatorId)
            || InclusionProof.Count > MostHashes || InclusionProof.Any(hash => hash.Length != 2 * TreeHash.Size || !hash.All(char.IsAsciiHexDigitLower)))
        {
            return null;
        }

        return Trees.InclusionProof.Verify(leaf.LeafHash, LeafIndex, TreeSize, [.. InclusionProof.Select(Convert.FromHexString)], checkpoint.Root) ? AnchorSet.Of(leaf.Record) : null;
    }

    /// <summary>Hash of the checkpoint that the transaction names, where the proof leads to it from a log's checkpoint; else null.</summary>
    public string? AnchoredHash(string origin, long size, string checkpointHash) =>
        Set() is { } set && set.Members.Contains(new(checkpointHash, origin, size)) && Notes.Checkpoint.TryParse(Checkpoint, out var checkpoint) ? checkpoint.Hash : null;
}
