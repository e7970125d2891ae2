using System.Text;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tests.Records;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Tests.Receipts;

/// <summary>A valid receipt, and the same with one thing changed.</summary>
internal static class SampleReceipt
{
    /// <summary>Log and witness of the specification, who must both have signed.</summary>
    public static readonly string Trust = $"# those we know\n{SpecificationLog.LogKey}\n{SpecificationLog.WitnessKey}\nthreshold 1\n";

    /// <summary>The receipt of the specification's third record.</summary>
    public static ReceiptFile Valid => new()
    {
        V = 1,
        Type = "edgecoder-receipt",
        Leaf = Convert.ToBase64String(SpecificationLog.Leaves[2].Bytes),
        LeafIndex = 2,
        TreeSize = 3,
        InclusionProof = [SpecificationLog.Root2],
        Checkpoint = SpecificationLog.Note,
        Keys = [new("edgecoder/coord-1", SpecificationLog.LogKey), new("edgecoder/coord-2", SpecificationLog.WitnessKey)],
        Anchor = new(new string('a', 64), "signet", SpecificationLog.AnchorPayload),
    };

    /// <summary>The valid receipt with one change.</summary>
    public static ReceiptFile With(string what) => what switch
    {
        "version" => Valid with { V = 2 },
        "type" => Valid with { Type = "receipt" },
        "leaf of another record" => Valid with { Leaf = Convert.ToBase64String(SpecificationLog.Leaves[1].Bytes) },
        "leaf cut" => Valid with { Leaf = Convert.ToBase64String(SpecificationLog.Leaves[2].Bytes[..^1]) },
        "body" => Valid with { Leaf = Leaf(text => text.Replace("\"priceMc\":12345", "\"priceMc\":12346", StringComparison.Ordinal)) },
        "hash and body" => Valid with { Leaf = Resigned() },
        "index" => Valid with { LeafIndex = 1 },
        "size" => Valid with { TreeSize = 4 },
        "proof" => Valid with { InclusionProof = [SpecificationLog.Root3] },
        "proof of other letters" => Valid with { InclusionProof = [SpecificationLog.Root2.ToUpperInvariant()] },
        "root" => Valid with { Checkpoint = SpecificationLog.Note.Replace("AROu94I", "BROu94I", StringComparison.Ordinal) },
        "checkpoint's signature" => Valid with { Checkpoint = SpecificationLog.Note.Replace("ZMUqblBB", "ZMUqblBC", StringComparison.Ordinal) },
        "checkpoint of another log" => Valid with { Checkpoint = SpecificationLog.Note.Replace("coord-1", "coord-9", StringComparison.Ordinal) },
        "cosignature" => Valid with { Checkpoint = SpecificationLog.Note.Replace("KQb6cAAAAABlU", "KQb6cAAAAABlV", StringComparison.Ordinal) },
        _ => Valid with { Anchor = Valid.Anchor! with { PayloadHex = AnchorPayload.Of(new string('0', 64)) } },
    };

    private static string Leaf(Func<string, string> change) => Convert.ToBase64String(Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(SpecificationLog.Leaves[2].Bytes))));

    // A record with another price, its hash and all, signed by somebody else.
    private static string Resigned()
    {
        using var other = SigningKey.Generate();
        return Convert.ToBase64String(RecordLeaf.Sign(SpecificationLog.Leaves[2].Record with { ActorId = "worker-b" }, other).Bytes);
    }
}
