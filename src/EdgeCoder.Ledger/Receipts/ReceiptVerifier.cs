using System.Text.Json;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Trees;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Ledger.Receipts;

/// <summary>
/// Checks a receipt without network (economy-and-ledger 11): 1. the file; 2. the leaf's form; 3. the body's hash; 4. the record's signature; 5. the way from
/// the leaf to the root; 6. the checkpoint's signature; 7. the witnesses; 8. the anchor's payload. Changes of keys are followed from those that are trusted, and every
/// signature is checked with a key that counts at its time (16.2).
/// </summary>
public static class ReceiptVerifier
{
    /// <summary>Most bytes of a file.</summary>
    public const int MostBytes = 1 << 20;

    private const int MostHashes = 64;
    private const int MostChains = 100;

    /// <summary>Checks the bytes of a file. Never throws for what they hold.</summary>
    public static ReceiptVerdict Check(ReadOnlySpan<byte> file, TrustedKeys trust)
    {
        // 1.
        ReceiptFile? receipt;
        try
        {
            receipt = file.Length <= MostBytes ? JsonSerializer.Deserialize(file, LedgerJson.Default.ReceiptFile) : null;
        }
        catch (JsonException)
        {
            receipt = null;
        }

        return receipt is null ? new(ReceiptStanding.Invalid, LedgerFault.NotCanonical, [], null) : Check(receipt, trust);
    }

    /// <summary>Checks a receipt that has been read.</summary>
    public static ReceiptVerdict Check(ReceiptFile receipt, TrustedKeys trust)
    {
        var passed = new List<string>();
        RecordLeaf? leaf = null;
        var fault = FirstFault(receipt, trust, passed, ref leaf);
        var isTrusted = trust.Keys.Count > 0;
        return new(fault is not null ? ReceiptStanding.Invalid : isTrusted ? ReceiptStanding.Proven : ReceiptStanding.Consistent, fault, passed, leaf?.Record);
    }

    private static LedgerFault? FirstFault(ReceiptFile receipt, TrustedKeys trust, List<string> passed, ref RecordLeaf? leaf)
    {
        // 1.
        if (receipt.V != 1)
        {
            return LedgerFault.UnknownVersion;
        }

        if (receipt.Type != ReceiptFile.TypeName || Base64Text.TryRead(receipt.Leaf) is not { } bytes || receipt.InclusionProof.Count > MostHashes)
        {
            return LedgerFault.NotCanonical;
        }

        // 2.
        if (RecordLeaf.TryRead(bytes, out leaf) is { } malformed)
        {
            return malformed;
        }

        passed.Add("leaf");

        // 3.
        if (!leaf!.HasItsHash)
        {
            return LedgerFault.HashMismatch;
        }

        passed.Add("hash");

        // 4. The key of the log also signs its records; a log may have had several.
        var origin = Checkpoint.OriginOf(leaf.Record.CoordinatorId);
        if (Followed(trust.Keys.Count > 0 ? trust : Hinted(origin, receipt), receipt.Rotations ?? []) is not { } known)
        {
            return LedgerFault.KeyChainBroken;
        }

        List<NoteKey> keys = [.. known.Of(origin)];
        if (keys.Count == 0)
        {
            return LedgerFault.UnknownKey;
        }

        var (signed, atMs) = (leaf, leaf.Record.IssuedAtMs);
        if (!keys.Any(key => known.Counts(key, atMs) && signed.IsSignedBy(key.Key)))
        {
            return keys.Any(key => signed.IsSignedBy(key.Key)) ? LedgerFault.KeyOutOfTime : LedgerFault.InvalidSignature;
        }

        passed.Add("record_signature");

        // 5. The root is what the checkpoint says; who says so is the next step's.
        if (!SignedNote.TryParse(receipt.Checkpoint, out var note) || !Checkpoint.TryParse(note.Text, out var checkpoint) || checkpoint.Origin != origin)
        {
            return LedgerFault.CheckpointSignatureInvalid;
        }

        if (leaf.Record.Sequence != receipt.LeafIndex + 1)
        {
            return LedgerFault.InvalidSequence;
        }

        if (checkpoint.Size != receipt.TreeSize || Hashes(receipt.InclusionProof) is not { } proof
            || !InclusionProof.Verify(leaf.LeafHash, receipt.LeafIndex, receipt.TreeSize, proof, checkpoint.Root))
        {
            return LedgerFault.InclusionProofInvalid;
        }

        passed.Add("inclusion");

        // 6. It was signed after the record.
        if (!keys.Any(key => !known.HasEnded(key, atMs) && note.IsSignedBy(key)))
        {
            return keys.Any(note.IsSignedBy) ? LedgerFault.KeyOutOfTime : LedgerFault.CheckpointSignatureInvalid;
        }

        passed.Add("checkpoint_signature");

        // 7.
        if (known.Witnesses(note) < known.Threshold)
        {
            return LedgerFault.QuorumNotReached;
        }

        if (known.Threshold > 0)
        {
            passed.Add("cosignatures");
        }

        // 8.
        if (receipt.Anchor is { } anchor)
        {
            var anchored = anchor.Set is { } set ? set.AnchoredHash(origin, checkpoint.Size, checkpoint.Hash) : checkpoint.Hash;
            if (anchored is null || anchor.PayloadHex != AnchorPayload.Of(anchored))
            {
                return LedgerFault.AnchorPayloadInvalid;
            }

            passed.Add("anchor_payload");
        }

        return null;
    }

    // What the receipt brings along is looked at only where the reader trusts nobody, and then proves nothing.
    private static TrustedKeys Hinted(string origin, ReceiptFile receipt) => new(
        [.. receipt.Keys.Select(key => NoteKey.TryParse(key.Vkey, out var parsed) ? parsed : null).OfType<NoteKey>().Where(key => key.Type == NoteKeyType.Ed25519 && key.Name == origin)], 0);

    // Null where a chain is not whole.
    private static TrustedKeys? Followed(TrustedKeys trust, IReadOnlyList<ReceiptRotations> rotations)
    {
        if (rotations.Count > MostChains)
        {
            return null;
        }

        foreach (var one in rotations)
        {
            if (KeyChain.TryRead(one.CoordinatorId, one.Statements, out var chain) is not null)
            {
                return null;
            }

            trust = trust.Following(chain!);
        }

        return trust;
    }

    private static List<byte[]>? Hashes(IReadOnlyList<string> proof)
    {
        var hashes = new List<byte[]>(proof.Count);
        foreach (var text in proof)
        {
            if (text.Length != 2 * TreeHash.Size || !text.All(char.IsAsciiHexDigitLower))
            {
                return null;
            }

            hashes.Add(Convert.FromHexString(text));
        }

        return hashes;
    }
}
