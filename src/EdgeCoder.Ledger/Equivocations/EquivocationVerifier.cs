using System.Text.Json;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Trees;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Ledger.Equivocations;

/// <summary>
/// Whether evidence shows that a log has two histories (economy-and-ledger 9.7), with nothing but the keys that the reader trusts: 1. the file; 2. a key of the log, and those
/// that it leads to; 3. both parts are signed by the log, records with a key of their time; 4. they contradict each other. Who does not trust the log's key learns nothing from it.
/// </summary>
public static class EquivocationVerifier
{
    /// <summary>Most bytes of a file.</summary>
    public const int MostBytes = 4 << 20;

    private const int MostHashes = 64;

    /// <summary>Null when it proves two histories; else why it does not. Never throws for what the bytes hold.</summary>
    public static EquivocationFault? Check(ReadOnlySpan<byte> file, TrustedKeys trust)
    {
        // 1.
        EquivocationFile? read;
        try
        {
            read = file.Length <= MostBytes ? JsonSerializer.Deserialize(file, LedgerJson.Default.EquivocationFile) : null;
        }
        catch (JsonException)
        {
            read = null;
        }

        return read is { V: 1, Type: EquivocationFile.TypeName } ? Check(read, trust) : EquivocationFault.NotCanonical;
    }

    /// <summary>The same of evidence that has been read.</summary>
    public static EquivocationFault? Check(EquivocationFile file, TrustedKeys trust)
    {
        // 2.
        if (file.Rotations is { } rotations)
        {
            if (Checkpoint.OriginOf(rotations.CoordinatorId) != file.Origin || KeyChain.TryRead(rotations.CoordinatorId, rotations.Statements, out var chain) is not null)
            {
                return EquivocationFault.KeyChainBroken;
            }

            trust = trust.Following(chain!);
        }

        List<NoteKey> keys = [.. trust.Of(file.Origin)];
        return keys.Count == 0 ? EquivocationFault.UnknownKey
            : file switch
            {
                { Leaves: [var one, var other], Checkpoints: null } => Records(file.Origin, trust, keys, one, other),
                { Leaves: null, Checkpoints: [var smaller, var larger] } => Checkpoints(file, keys, smaller, larger),
                _ => EquivocationFault.NotCanonical,
            };
    }

    private static EquivocationFault? Records(string origin, TrustedKeys trust, List<NoteKey> keys, string one, string other)
    {
        if (Leaf(one) is not { } first || Leaf(other) is not { } second)
        {
            return EquivocationFault.NotCanonical;
        }

        // 3.
        foreach (var leaf in new[] { first, second })
        {
            if (!leaf.HasItsHash || Checkpoint.OriginOf(leaf.Record.CoordinatorId) != origin || !keys.Any(key => leaf.IsSignedBy(key.Key)))
            {
                return EquivocationFault.InvalidSignature;
            }

            if (!keys.Any(key => trust.Counts(key, leaf.Record.IssuedAtMs) && leaf.IsSignedBy(key.Key)))
            {
                return EquivocationFault.KeyOutOfTime;
            }
        }

        // 4.
        return first.Record.Sequence == second.Record.Sequence && first.Hash != second.Hash ? null : EquivocationFault.NoContradiction;
    }

    private static EquivocationFault? Checkpoints(EquivocationFile file, List<NoteKey> keys, string smaller, string larger)
    {
        if (!SignedNote.TryParse(smaller, out var firstNote) || !Checkpoint.TryParse(firstNote.Text, out var first) || !SignedNote.TryParse(larger, out var secondNote) || !Checkpoint.TryParse(secondNote.Text, out var second))
        {
            return EquivocationFault.NotCanonical;
        }

        // 3.
        if (first.Origin != file.Origin || second.Origin != file.Origin || !keys.Any(firstNote.IsSignedBy) || !keys.Any(secondNote.IsSignedBy))
        {
            return EquivocationFault.InvalidSignature;
        }

        // 4.
        if (first.Size == second.Size)
        {
            return first.Root.AsSpan().SequenceEqual(second.Root) ? EquivocationFault.NoContradiction : null;
        }

        return file.FirstRoot is { } root && Hash(root) is { } began && file.ConsistencyProof is { Count: <= MostHashes } proof && proof.All(hash => Hash(hash) is not null)
            && ConsistencyProof.Verify(first.Size, second.Size, [.. proof.Select(hash => Hash(hash)!)], began, second.Root) && !began.AsSpan().SequenceEqual(first.Root)
            ? null
            : EquivocationFault.NoContradiction;
    }

    private static RecordLeaf? Leaf(string? text) => text is not null && Base64Text.TryRead(text) is { } bytes && RecordLeaf.TryRead(bytes, out var leaf) is null ? leaf : null;

    private static byte[]? Hash(string? text) => text?.Length == 2 * TreeHash.Size && text.All(char.IsAsciiHexDigitLower) ? Convert.FromHexString(text) : null;
}
