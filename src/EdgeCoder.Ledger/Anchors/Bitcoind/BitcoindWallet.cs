using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCoder.Ledger.Anchors.Bitcoind;

/// <summary>Anchors through the wallet of a Bitcoin node (economy-and-ledger 13.4). It makes and signs; this program reads what it got before anything is sent.</summary>
public sealed class BitcoindWallet(BitcoindRpc rpc, BitcoindOptions options)
{
    private const string FeeTooHigh = "anchor_fee_too_high";

    private static readonly string[] Passing = ["min relay fee not met", "mempool min fee not met", "mempool full", "too-long-mempool-chain", "non-final", "max-fee-exceeded", "Fee exceeds"];
    private static readonly string[] Missing = ["missing-inputs", "bad-txns-inputs-missingorspent"];

    /// <summary>
    /// Makes and signs a transaction that carries some data, and sends nothing: 1. the node follows our network; 2. coins for it, within the fee cap; 3. the signatures; 4. the
    /// result is what was asked for.
    /// </summary>
    /// <exception cref="AnchorException">It could not be made; nothing was sent.</exception>
    public Task<SignedAnchor> SignAsync(string dataHex, CancellationToken cancellationToken) => Translated(async () =>
    {
        // 1.
        var status = await StatusAsync(cancellationToken).ConfigureAwait(false);
        RequireNetwork(status);
        if (status.IsSyncing)
        {
            throw new AnchorException("bitcoind_not_synced", "bitcoind_not_synced: the Bitcoin node still loads the chain.");
        }

        // 2.
        var funded = await FundAsync(dataHex, cancellationToken).ConfigureAwait(false);
        RequireFee(Sats(funded.GetProperty("fee")));

        // 3.
        var processed = await rpc.WalletAsync("walletprocesspsbt", [funded.GetProperty("psbt").GetString()], cancellationToken).ConfigureAwait(false);
        var final = await rpc.NodeAsync("finalizepsbt", [processed.GetProperty("psbt").GetString()], cancellationToken).ConfigureAwait(false);
        if (!final.GetProperty("complete").GetBoolean())
        {
            throw new AnchorException("bitcoind_signing_incomplete", "bitcoind_signing_incomplete: the wallet did not sign everything; unlock it.");
        }

        // 4.
        var raw = final.GetProperty("hex").GetString() ?? "";
        return BitcoinTransaction.TryRead(raw, out var made) && made.DataHex == dataHex && made.Outputs.All(output => output.Sats == 0 == (DataOutput.Read(output.Script) is not null))
            ? new SignedAnchor(made.Txid, raw)
            : throw new AnchorException("bitcoind_wrong_transaction", "bitcoind_wrong_transaction: the node signed something else than the data that it was given.");
    });

    /// <summary>
    /// Sends a signed transaction; doing it again does no harm: 1. the node follows our network; 2. one that is in a block is there already; 3. it would be taken, within the fee
    /// cap; 4. it is sent.
    /// </summary>
    /// <param name="signed">The transaction.</param>
    /// <param name="wasTaken">Whether a node took it before: then coins that it spends may be missing for a while after a reorganisation, else they are spent for good.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="AnchorException">It was not taken.</exception>
    public Task SendAsync(SignedAnchor signed, bool wasTaken, CancellationToken cancellationToken) => Translated(async () =>
    {
        // 1.
        RequireNetwork(await StatusAsync(cancellationToken).ConfigureAwait(false));

        // 2. Its change may be spent since: such a one would be refused for inputs that are gone.
        if (await FindInWalletAsync(signed.Txid, cancellationToken).ConfigureAwait(false) is { } known && known.GetProperty("confirmations").GetInt64() > 0)
        {
            return true;
        }

        // 3.
        var tried = (await rpc.NodeAsync("testmempoolaccept", [new JsonArray(signed.RawHex)], cancellationToken).ConfigureAwait(false))[0];
        if (!tried.GetProperty("allowed").GetBoolean())
        {
            var reason = tried.TryGetProperty("reject-reason", out var said) ? said.GetString() ?? "" : "";
            return reason is "txn-already-in-mempool" or "txn-already-known" ? true : throw Rejected(reason, wasTaken);
        }

        RequireFee(Sats(tried.GetProperty("fees").GetProperty("base")), permanent: !wasTaken);

        // 4.
        try
        {
            await rpc.NodeAsync("sendrawtransaction", [signed.RawHex], cancellationToken).ConfigureAwait(false);
        }
        catch (BitcoindException fault) when (fault.Code == BitcoindException.AlreadyInChain)
        {
            // Somebody was faster with the same bytes.
        }
        catch (BitcoindException fault) when (fault.Code is BitcoindException.VerifyError or BitcoindException.VerifyRejected)
        {
            throw Rejected(fault.Said, wasTaken);
        }

        return true;
    });

    /// <summary>Where a transaction is now, and whether a block that once held it has left the best chain.</summary>
    /// <param name="txid">Transaction.</param>
    /// <param name="namedBlock">That block; null where none is known.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="AnchorException">It could not be found out.</exception>
    public Task<ChainSighting> FindAsync(string txid, string? namedBlock, CancellationToken cancellationToken) => Translated(async () =>
    {
        RequireNetwork(await StatusAsync(cancellationToken).ConfigureAwait(false));
        var left = namedBlock is null ? null : await HasLeftAsync(namedBlock, cancellationToken).ConfigureAwait(false);
        if (await FindInWalletAsync(txid, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            return new ChainSighting { NamedBlockLeft = left };
        }

        var data = BitcoinTransaction.TryRead(found.GetProperty("hex").GetString() ?? "", out var transaction) && transaction.Txid == txid ? transaction.DataHex : null;
        var block = found.TryGetProperty("blockhash", out var hash) ? hash.GetString() : null;
        var header = block is null ? null : await HeaderAsync(block, cancellationToken).ConfigureAwait(false);
        var confirmations = header?.GetProperty("confirmations").GetInt64() ?? 0;
        return confirmations > 0
            ? new ChainSighting { IsKnown = true, Confirmations = confirmations, BlockHash = block, BlockHeight = header!.Value.GetProperty("height").GetInt64(), DataHex = data, NamedBlockLeft = left }
            : new ChainSighting { IsKnown = true, DataHex = data, NamedBlockLeft = left };
    });

    /// <summary>How the node is.</summary>
    /// <exception cref="AnchorException">It does not answer.</exception>
    public Task<NodeStatus> StatusAsync(CancellationToken cancellationToken) => Translated(async () =>
    {
        var info = await rpc.NodeAsync("getblockchaininfo", [], cancellationToken).ConfigureAwait(false);
        return new NodeStatus(
            info.GetProperty("chain").GetString() ?? "", info.GetProperty("blocks").GetInt64(), info.GetProperty("headers").GetInt64(), info.GetProperty("verificationprogress").GetDouble(),
            info.TryGetProperty("initialblockdownload", out var loading) && loading.GetBoolean());
    });

    /// <summary>Coins of the wallet that it may spend, in sats.</summary>
    /// <exception cref="AnchorException">There is no wallet, or it does not answer.</exception>
    public Task<long> BalanceSatsAsync(CancellationToken cancellationToken) =>
        Translated(async () => Sats((await rpc.WalletAsync("getbalances", [], cancellationToken).ConfigureAwait(false)).GetProperty("mine").GetProperty("trusted")));

    private async Task<JsonElement> FundAsync(string dataHex, CancellationToken cancellationToken)
    {
        try
        {
            return await rpc.WalletAsync("walletcreatefundedpsbt", [new JsonArray(), new JsonArray(new JsonObject { ["data"] = dataHex }), 0, new JsonObject { ["replaceable"] = true }], cancellationToken).ConfigureAwait(false);
        }
        catch (BitcoindException fault) when (fault.Code == BitcoindException.InsufficientFunds || (fault.Code == BitcoindException.WalletError && fault.Said.Contains("nsufficient funds", StringComparison.Ordinal)))
        {
            throw await BalanceSatsAsync(cancellationToken).ConfigureAwait(false) == 0
                ? new AnchorException("bitcoind_no_utxos", "bitcoind_no_utxos: the wallet has no confirmed coins.")
                : new AnchorException("bitcoind_insufficient_funds", "bitcoind_insufficient_funds: the wallet's coins do not pay the fee.");
        }
    }

    // Known and on no best chain is -1; not known proves nothing: a node may have been set up anew.
    private async Task<bool?> HasLeftAsync(string block, CancellationToken cancellationToken) =>
        await HeaderAsync(block, cancellationToken).ConfigureAwait(false) is { } header ? header.GetProperty("confirmations").GetInt64() < 0 : null;

    private Task<JsonElement?> HeaderAsync(string block, CancellationToken cancellationToken) => OrNothing(rpc.NodeAsync("getblockheader", [block], cancellationToken));

    private Task<JsonElement?> FindInWalletAsync(string txid, CancellationToken cancellationToken) => OrNothing(rpc.WalletAsync("gettransaction", [txid], cancellationToken));

    private static async Task<JsonElement?> OrNothing(Task<JsonElement> call)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (BitcoindException fault) when (fault.Code == BitcoindException.NotFound)
        {
            return null;
        }
    }

    private void RequireNetwork(NodeStatus status)
    {
        if (status.Chain != options.Network.Chain)
        {
            throw AnchorException.Said("bitcoind_wrong_network", $"the node follows the chain {status.Chain}, and BITCOIN_NETWORK is {options.Network}.");
        }
    }

    private void RequireFee(long sats, bool permanent = false)
    {
        if (sats > options.MaxFeeSats)
        {
            throw AnchorException.Said(FeeTooHigh, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the fee of {sats} sats is above ANCHOR_MAX_FEE_SATS, {options.MaxFeeSats}."), permanent);
        }
    }

    // Fees that are too low today and full queues pass; inputs that are gone come back where a reorganisation took them. Everything else is about the bytes.
    private static AnchorException Rejected(string reason, bool wasTaken)
    {
        var passes = Passing.Any(text => reason.Contains(text, StringComparison.OrdinalIgnoreCase)) || (wasTaken && Missing.Any(text => reason.Contains(text, StringComparison.Ordinal)));
        return AnchorException.Said("bitcoind_rejected", reason, permanent: reason.Length > 0 && !passes);
    }

    private static long Sats(JsonElement coins) => decimal.ToInt64(coins.GetDecimal() * 100_000_000m);

    // What the node refuses or answers in another form is one kind of fault to the caller.
    private static async Task<T> Translated<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (BitcoindException fault)
        {
            throw fault.AsAnchor();
        }
        catch (Exception fault) when (fault is InvalidOperationException or KeyNotFoundException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            throw new AnchorException("bitcoind_unreadable", "bitcoind_unreadable: the Bitcoin node answered in a form that is not known here.");
        }
    }
}

/// <summary>How a node is.</summary>
/// <param name="Chain">main, test, signet or regtest.</param>
/// <param name="Blocks">Height of its best block.</param>
/// <param name="Headers">Height of its best header.</param>
/// <param name="Progress">Share of the chain that it has verified, 0 to 1.</param>
/// <param name="IsSyncing">Whether it still loads the chain.</param>
public sealed record NodeStatus(string Chain, long Blocks, long Headers, double Progress, bool IsSyncing);
