using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Ledger.Receipts;

namespace EdgeCoder.Coordinator.Log;

/// <summary>Answer of <c>GET /ledger/proof/inclusion</c> (economy-and-ledger 9): hashes in hex.</summary>
/// <param name="LeafIndex">Index of the leaf, from 0.</param>
/// <param name="TreeSize">Size of the tree that the proof leads to.</param>
/// <param name="LeafHash">Hash of the leaf in the tree.</param>
/// <param name="InclusionProof">Hashes beside the way to the root, lowest first.</param>
/// <param name="Checkpoint">Signed note of that size; absent where none was signed of it.</param>
internal sealed record InclusionAnswer(long LeafIndex, long TreeSize, string LeafHash, IReadOnlyList<string> InclusionProof, string? Checkpoint);

/// <summary>Answer of <c>GET /ledger/proof/consistency</c>.</summary>
internal sealed record ConsistencyAnswer(long First, long Second, IReadOnlyList<string> ConsistencyProof);

/// <summary>Answer of <c>GET /ledger/snapshot</c>.</summary>
/// <param name="Records">Records with their members and their exact leaf.</param>
/// <param name="Proof">Of the last of them; null without any.</param>
internal sealed record SnapshotAnswer(IReadOnlyList<JsonElement> Records, SnapshotProof? Proof);

/// <summary>What the last record of a snapshot is, and that it is in the log.</summary>
internal sealed record SnapshotProof(
    string RecordId, string Hash, string PrevHash, long Sequence, string SignerPeerId, long LeafIndex, long TreeSize, string LeafHash, IReadOnlyList<string> InclusionProof, string? Checkpoint);

/// <summary>Answer of <c>GET /ledger/verify</c>.</summary>
/// <param name="Ok">Whether everything was right.</param>
/// <param name="Reason">What is wrong first.</param>
/// <param name="Sequence">Of which record.</param>
/// <param name="Where">In which file.</param>
/// <param name="VerifiedTo">Records that were found right.</param>
internal sealed record LogVerification(bool Ok, string? Reason, long? Sequence, string? Where, long VerifiedTo);

/// <summary>Answer of <c>POST /ledger/verify</c>.</summary>
/// <param name="Ok">Whether this coordinator's key has signed it and every proof holds.</param>
/// <param name="Reason">What failed.</param>
/// <param name="Checks">What passed, in order.</param>
internal sealed record ReceiptVerification(bool Ok, string? Reason, IReadOnlyList<string> Checks);

/// <summary>A leaf with its proof, as <c>POST /ledger/verify</c> takes it beside a receipt.</summary>
internal sealed record LeafWithProof(string? Leaf, long LeafIndex, long TreeSize, IReadOnlyList<string>? InclusionProof, string? Checkpoint);

/// <summary>Answer of <c>GET /tasks/{id}/receipts</c>.</summary>
/// <param name="Receipts">Self-contained files, in the order of the log.</param>
/// <param name="Pending">Receipts that no checkpoint names yet; ask again in a second.</param>
internal sealed record TaskReceipts(IReadOnlyList<ReceiptFile> Receipts, int Pending);

/// <summary>How they are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InclusionAnswer))]
[JsonSerializable(typeof(ConsistencyAnswer))]
[JsonSerializable(typeof(SnapshotAnswer))]
[JsonSerializable(typeof(LogVerification))]
[JsonSerializable(typeof(ReceiptVerification))]
[JsonSerializable(typeof(LeafWithProof))]
[JsonSerializable(typeof(TaskReceipts))]
internal sealed partial class LedgerMessageJson : JsonSerializerContext;
