using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>A way to the block chain (economy-and-ledger 13.4). What cannot be done or found out is an <see cref="AnchorException"/>.</summary>
internal interface IAnchorProvider
{
    /// <summary>Whether it sends transactions, or only looks.</summary>
    bool CanBroadcast { get; }

    /// <summary>Makes and signs a transaction and sends nothing; null where the other side signs and keeps the bytes itself.</summary>
    Task<SignedAnchor?> SignAsync(string payloadHex, CancellationToken cancellationToken);

    /// <summary>Sends it and gives its id. The same payload, with the same bytes where there are some, may be sent any number of times.</summary>
    Task<string> SendAsync(string payloadHex, SignedAnchor? signed, bool wasTaken, CancellationToken cancellationToken);

    /// <summary>Where a transaction is now, and whether the block that once held it has left.</summary>
    Task<ChainSighting> FindAsync(string txid, string? namedBlock, CancellationToken cancellationToken);

    /// <summary>The same of a transaction that a peer has sent: a node of one's own need not know it.</summary>
    Task<ChainSighting> FindForeignAsync(string txid, string? namedBlock, CancellationToken cancellationToken) => FindAsync(txid, namedBlock, cancellationToken);
}
