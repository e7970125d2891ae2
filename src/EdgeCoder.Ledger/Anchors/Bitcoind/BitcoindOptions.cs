namespace EdgeCoder.Ledger.Anchors.Bitcoind;

/// <summary>How a Bitcoin node is reached. Not a record: it holds a password and must not print itself.</summary>
public sealed class BitcoindOptions
{
    /// <summary><c>BITCOIND_RPC_URL</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary><c>BITCOIND_RPC_USER</c>. Secret.</summary>
    public required string User { get; init; }

    /// <summary><c>BITCOIND_RPC_PASSWORD</c>. Secret.</summary>
    public required string Password { get; init; }

    /// <summary><c>BITCOIND_WALLET_NAME</c>; null or empty: the node's only wallet.</summary>
    public string? Wallet { get; init; }

    /// <summary><c>BITCOIN_NETWORK</c>. A node of another network is never asked to send.</summary>
    public required BitcoinNetwork Network { get; init; }

    /// <summary><c>ANCHOR_MAX_FEE_SATS</c>: most that one transaction may pay. 1 to 10,000,000.</summary>
    public long MaxFeeSats { get; init; } = 5_000;

    /// <summary>Longest wait for one answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
