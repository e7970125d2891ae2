using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Anchors.Bitcoind;

namespace EdgeCoder.AnchorProxy.Composition;

/// <summary>What the anchor proxy needs to start (economy-and-ledger 13.5; environment.md 8). Not a record: it holds secrets.</summary>
public sealed class AnchorProxySettings
{
    /// <summary>Where it listens; port 4311.</summary>
    public required ListenerSettings Listener { get; init; }

    /// <summary>Directory of what was signed; absolute, made when missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary><c>ANCHOR_PROXY_TOKEN</c>: the bearer of everything but health. Secret.</summary>
    public required string Token { get; init; }

    /// <summary>The node.</summary>
    public required BitcoindOptions Bitcoind { get; init; }

    /// <summary><c>MAX_BROADCASTS_PER_MINUTE</c>: broadcasts asked for in any 60 seconds, failed ones included. 1 to 600.</summary>
    public int MaxBroadcastsPerMinute { get; init; } = 10;

    /// <summary>Reads them; everything that is missing or wrong goes to the reader. On loopback too nothing may be missing.</summary>
    /// <param name="reader">Settings.</param>
    /// <param name="dataDirectory">Directory of the role.</param>
    /// <param name="madeToken">Token that the process made for itself in all-in-one; null: it must be set.</param>
    public static AnchorProxySettings Read(SettingsReader reader, string dataDirectory, string? madeToken)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var faults = reader.Faults.Count;
        var token = reader.Secret("ANCHOR_PROXY_TOKEN") ?? madeToken;
        var url = reader.Url("BITCOIND_RPC_URL");
        var user = reader.Secret("BITCOIND_RPC_USER", least: 1);
        var password = reader.Secret("BITCOIND_RPC_PASSWORD", least: 1);
        string[] missing = [.. new[] { ("ANCHOR_PROXY_TOKEN", token is null), ("BITCOIND_RPC_URL", url is null), ("BITCOIND_RPC_USER", user is null), ("BITCOIND_RPC_PASSWORD", password is null) }
            .Where(item => item.Item2 && !reader.Faults.Skip(faults).Any(fault => fault.StartsWith(item.Item1, StringComparison.Ordinal))).Select(item => item.Item1)];
        if (missing.Length > 0)
        {
            reader.Refuse($"The anchor proxy needs {string.Join(", ", missing)}. Set what is missing; the token is at least 32 random characters, the same at the coordinator.");
        }

        return new()
        {
            Listener = ListenerSettings.Read(reader, "ANCHOR_PROXY_PORT", 4311),
            DataDirectory = dataDirectory,
            Token = token ?? "",
            Bitcoind = new()
            {
                Url = url ?? new("http://127.0.0.1:8332"),
                User = user ?? "",
                Password = password ?? "",
                Wallet = reader.Text("BITCOIND_WALLET_NAME"),
                Network = BitcoinNetwork.Of(reader.Choice("BITCOIN_NETWORK", "signet", "bitcoin", "testnet", "signet", "regtest")),
                MaxFeeSats = reader.Number("ANCHOR_MAX_FEE_SATS", 5_000, 1, 10_000_000),
            },
            MaxBroadcastsPerMinute = (int)reader.Number("MAX_BROADCASTS_PER_MINUTE", 10, 1, 600),
        };
    }
}
