using EdgeCoder.Hosting.Settings;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Anchors.Bitcoind;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>Who writes anchors to the block chain (<c>BITCOIN_ANCHOR_PROVIDER</c>).</summary>
public enum AnchorProviderKind
{
    /// <summary>Nobody: there are no anchors.</summary>
    None,

    /// <summary>Nobody; chains are pretended. For tests alone.</summary>
    Mock,

    /// <summary>The anchor proxy, which holds the node's credentials.</summary>
    AnchorProxy,

    /// <summary>A node of this machine, with credentials of this process.</summary>
    Bitcoind,

    /// <summary>Nobody; an explorer is asked about what others wrote.</summary>
    Esplora,
}

/// <summary>How the coordinator anchors (environment.md 8). Not a record: it holds secrets.</summary>
public sealed class AnchorSettings
{
    private const string PublicExplorer = "https://blockstream.info/api/";

    /// <summary><c>BITCOIN_ANCHOR_PROVIDER</c>. Default: none.</summary>
    public AnchorProviderKind Provider { get; init; }

    /// <summary><c>BITCOIN_NETWORK</c>. Default: signet.</summary>
    public BitcoinNetwork Network { get; init; } = BitcoinNetwork.Signet;

    /// <summary>The anchor proxy; null: none is used.</summary>
    public OwnAnchorProxy? Proxy { get; init; }

    /// <summary>The node; null: this process has no credentials of one.</summary>
    public BitcoindOptions? Bitcoind { get; init; }

    /// <summary><c>ESPLORA_URL</c>: asked about every transaction, beside the provider; who disagree prove nothing. Null: none.</summary>
    public Uri? Esplora { get; init; }

    /// <summary><c>STATS_ANCHOR_INTERVAL_MS</c>: at most one round in this time.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(600_000);

    /// <summary><c>ANCHOR_CONFIRMATION_POLL_MS</c>.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(60_000);

    /// <summary><c>STATS_ANCHOR_MIN_CONFIRMATIONS</c>: with fewer an anchor is not final. 1 to 100.</summary>
    public int MinConfirmations { get; init; } = 1;

    /// <summary>Reads them; every fault goes to the reader.</summary>
    /// <param name="reader">Settings.</param>
    /// <param name="production">Whether this is production, where nothing is pretended.</param>
    /// <param name="beyondLoopback">Whether others than this machine reach the coordinator.</param>
    /// <param name="own">The proxy of this process; null where there is none.</param>
    public static AnchorSettings Read(SettingsReader reader, bool production, bool beyondLoopback, OwnAnchorProxy? own)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var named = reader.Choice("BITCOIN_ANCHOR_PROVIDER", "none", "none", "mock", "anchor-proxy", "bitcoind", "esplora", "blockstream");
        var network = BitcoinNetwork.Of(reader.Choice("BITCOIN_NETWORK", "signet", "bitcoin", "testnet", "signet", "regtest"));
        var explorer = reader.Url("ESPLORA_URL", named == "blockstream" ? PublicExplorerOf(network) : null);
        if (named == "mock" && (production || network == BitcoinNetwork.Bitcoin))
        {
            reader.Refuse("BITCOIN_ANCHOR_PROVIDER=mock pretends a block chain: it is for tests, never for production (EDGE_ENV) or the network bitcoin. Name anchor-proxy, bitcoind or esplora, or unset it.");
        }

        return new()
        {
            Provider = named switch { "mock" => AnchorProviderKind.Mock, "anchor-proxy" => AnchorProviderKind.AnchorProxy, "bitcoind" => AnchorProviderKind.Bitcoind, "esplora" or "blockstream" => AnchorProviderKind.Esplora, _ => AnchorProviderKind.None },
            Network = network,
            Proxy = named == "anchor-proxy" ? ProxyOf(reader, own) : null,
            Bitcoind = named == "bitcoind" ? NodeOf(reader, network, beyondLoopback) : null,
            Esplora = named is "esplora" && explorer is null ? Missing<Uri?>(reader, "esplora", ["ESPLORA_URL"]) : explorer,
            Interval = reader.Milliseconds("STATS_ANCHOR_INTERVAL_MS", 600_000, 10_000, 604_800_000),
            Poll = reader.Milliseconds("ANCHOR_CONFIRMATION_POLL_MS", 60_000, 10_000, 604_800_000),
            MinConfirmations = (int)reader.Number("STATS_ANCHOR_MIN_CONFIRMATIONS", 1, 1, 100),
        };
    }

    private static OwnAnchorProxy? ProxyOf(SettingsReader reader, OwnAnchorProxy? own)
    {
        var url = reader.Url("ANCHOR_PROXY_URL") ?? own?.Url;
        var token = own?.Token ?? reader.Secret("ANCHOR_PROXY_TOKEN");
        return url is not null && token is not null
            ? new(url, token)
            : Missing<OwnAnchorProxy?>(reader, "anchor-proxy", [.. new[] { ("ANCHOR_PROXY_URL", url is null), ("ANCHOR_PROXY_TOKEN", token is null) }.Where(item => item.Item2).Select(item => item.Item1)]);
    }

    // ARCHITECTURE 1: the anchor proxy is the only holder of the node's credentials. A single machine may do without one.
    private static BitcoindOptions? NodeOf(SettingsReader reader, BitcoinNetwork network, bool beyondLoopback)
    {
        if (beyondLoopback)
        {
            reader.Refuse("BITCOIN_ANCHOR_PROVIDER=bitcoind puts the node's credentials into the coordinator, which others reach. Run edgecoder up --role anchor-proxy with them, and name anchor-proxy here.");
        }

        var url = reader.Url("BITCOIND_RPC_URL");
        var user = reader.Secret("BITCOIND_RPC_USER", least: 1);
        var password = reader.Secret("BITCOIND_RPC_PASSWORD", least: 1);
        return url is not null && user is not null && password is not null
            ? new() { Url = url, User = user, Password = password, Wallet = reader.Text("BITCOIND_WALLET_NAME"), Network = network, MaxFeeSats = reader.Number("ANCHOR_MAX_FEE_SATS", 5_000, 1, 10_000_000) }
            : Missing<BitcoindOptions?>(
                reader, "bitcoind", [.. new[] { ("BITCOIND_RPC_URL", url is null), ("BITCOIND_RPC_USER", user is null), ("BITCOIND_RPC_PASSWORD", password is null) }.Where(item => item.Item2).Select(item => item.Item1)]);
    }

    private static T? Missing<T>(SettingsReader reader, string provider, string[] names)
    {
        reader.Refuse($"{provider.Replace('-', '_')}_provider_missing_env: BITCOIN_ANCHOR_PROVIDER={provider} needs {string.Join(", ", names)}.");
        return default;
    }

    private static string? PublicExplorerOf(BitcoinNetwork network) => network.Name switch
    {
        "bitcoin" => PublicExplorer,
        "testnet" => "https://blockstream.info/testnet/api/",
        "signet" => "https://blockstream.info/signet/api/",
        _ => null,
    };
}

/// <summary>Where an anchor proxy is. Not shown: it holds a secret.</summary>
/// <param name="Url">Its address.</param>
/// <param name="Token">Its bearer.</param>
public sealed record OwnAnchorProxy(Uri Url, string Token)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(OwnAnchorProxy);
}
