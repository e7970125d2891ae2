namespace EdgeCoder.Ledger.Anchors;

/// <summary>What a node or explorer says about a transaction now.</summary>
public sealed record ChainSighting
{
    /// <summary>Whether it knows the transaction at all.</summary>
    public bool IsKnown { get; init; }

    /// <summary>Blocks on the best chain from the transaction's own to the newest; 0 while it is in none.</summary>
    public long Confirmations { get; init; }

    /// <summary>Block of the best chain that holds it.</summary>
    public string? BlockHash { get; init; }

    /// <summary>Its height.</summary>
    public long? BlockHeight { get; init; }

    /// <summary>What its data output carries, hex; null where there is none, or where the other side did not say.</summary>
    public string? DataHex { get; init; }

    /// <summary>
    /// About the block that the caller named: true where it is known and not on the best chain, which alone is proof of a reorganisation; false where it is on it; null where
    /// nothing was proven.
    /// </summary>
    public bool? NamedBlockLeft { get; init; }
}

/// <summary>A transaction that is signed and may be sent any number of times.</summary>
/// <param name="Txid">Its id.</param>
/// <param name="RawHex">Its exact bytes, hex.</param>
public sealed record SignedAnchor(string Txid, string RawHex);
