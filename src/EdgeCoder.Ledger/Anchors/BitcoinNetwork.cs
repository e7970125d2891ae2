namespace EdgeCoder.Ledger.Anchors;

/// <summary>A Bitcoin network as <c>BITCOIN_NETWORK</c> names it. One installation uses one; peers on another are refused (economy-and-ledger 13.2).</summary>
/// <param name="Name">bitcoin, testnet, signet or regtest.</param>
/// <param name="Chain">What a node calls it in <c>getblockchaininfo</c>.</param>
/// <param name="Genesis">Hash of its first block, by which an explorer shows which chain it follows.</param>
public sealed record BitcoinNetwork(string Name, string Chain, string Genesis)
{
    /// <summary>Coins of value.</summary>
    public static readonly BitcoinNetwork Bitcoin = new("bitcoin", "main", "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f");

    /// <summary>The third test network.</summary>
    public static readonly BitcoinNetwork Testnet = new("testnet", "test", "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943");

    /// <summary>The test network with signed blocks.</summary>
    public static readonly BitcoinNetwork Signet = new("signet", "signet", "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6");

    /// <summary>A chain of one's own.</summary>
    public static readonly BitcoinNetwork Regtest = new("regtest", "regtest", "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<BitcoinNetwork> All = [Bitcoin, Testnet, Signet, Regtest];

    /// <summary>By its name. Throws <see cref="ArgumentException"/> for another.</summary>
    public static BitcoinNetwork Of(string name) => All.FirstOrDefault(network => network.Name == name) ?? throw new ArgumentException($"There is no Bitcoin network {name}.", nameof(name));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
