using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.Ledger.Receipts;

/// <summary>A receipt with all that proves it (economy-and-ledger 11): who has the log's key checks it without network and without the coordinator.</summary>
public sealed record ReceiptFile
{
    /// <summary><see cref="Type"/> of a receipt.</summary>
    public const string TypeName = "edgecoder-receipt";

    /// <summary>Version of the form; 1.</summary>
    public required int V { get; init; }

    /// <summary>Always <c>edgecoder-receipt</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The exact bytes of the leaf, base64.</summary>
    public required string Leaf { get; init; }

    /// <summary>Index of the leaf in the log, from 0.</summary>
    public required long LeafIndex { get; init; }

    /// <summary>Leaves of the tree that the checkpoint names.</summary>
    public required long TreeSize { get; init; }

    /// <summary>Hashes beside the way to the root, lowest first, in hex.</summary>
    public required IReadOnlyList<string> InclusionProof { get; init; }

    /// <summary>The checkpoint, a signed note.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>Keys that are said to be those of log and witnesses. They help to see whether the receipt fits itself, and prove nothing.</summary>
    public required IReadOnlyList<ReceiptKey> Keys { get; init; }

    /// <summary>How keys of the log and of its witnesses were changed; absent where none was. Who trusts one key of a chain follows it to the others.</summary>
    public IReadOnlyList<ReceiptRotations>? Rotations { get; init; }

    /// <summary>Where the checkpoint is anchored in a block chain.</summary>
    public ReceiptAnchor? Anchor { get; init; }
}

/// <summary>A key as a receipt names it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Vkey">Its text form.</param>
public sealed record ReceiptKey(string Name, string Vkey);

/// <summary>The statements of a coordinator's keys (economy-and-ledger 16.2), from its first key on.</summary>
/// <param name="CoordinatorId">Whose.</param>
/// <param name="Statements">Exact bytes of each, base64.</param>
public sealed record ReceiptRotations(string CoordinatorId, IReadOnlyList<string> Statements);

/// <summary>Where a checkpoint is anchored (economy-and-ledger 13.1).</summary>
/// <param name="Txid">Transaction.</param>
/// <param name="Network">Network: bitcoin, testnet or signet.</param>
/// <param name="PayloadHex">The 35 bytes that the transaction carries, hex.</param>
/// <param name="BlockHash">Block, where it is in one.</param>
/// <param name="MerkleProof">Hashes that lead from the transaction to the block's root, hex.</param>
/// <param name="Set">Where the transaction names the checkpoint of another log: that its record <c>anchor_set</c> names this one.</param>
public sealed record ReceiptAnchor(string Txid, string Network, string PayloadHex, string? BlockHash = null, IReadOnlyList<string>? MerkleProof = null, AnchorSetProof? Set = null);
