using System.Globalization;
using System.Net;
using System.Text.Json;
using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>
/// Provider <c>esplora</c>: an explorer, read only (economy-and-ledger 13.4). Its word that a transaction is in a block is believed with the way from the transaction to the root in that
/// block's header, and with that block at its height.
/// </summary>
internal sealed class EsploraAnchors(Uri address, BitcoinNetwork network, TimeProvider time) : IAnchorProvider, IDisposable
{
    private const string Name = "esplora";

    private readonly AnchorHttp _http = new(address, null, Name, time);
    private bool _isOurs;

    /// <inheritdoc/>
    public bool CanBroadcast => false;

    /// <inheritdoc/>
    public Task<SignedAnchor?> SignAsync(string payloadHex, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc/>
    public Task<string> SendAsync(string payloadHex, SignedAnchor? signed, bool wasTaken, CancellationToken cancellationToken) => throw ReadOnly();

    /// <summary>
    /// Looks: 1. the explorer follows our network; 2. what became of the named block; 3. the transaction with its data; 4. its block is at its height, and holds it; 5.
    /// confirmations = tip − height + 1.
    /// </summary>
    public async Task<ChainSighting> FindAsync(string txid, string? namedBlock, CancellationToken cancellationToken)
    {
        try
        {
            // 1.
            await RequireNetworkAsync(cancellationToken).ConfigureAwait(false);

            // 2.
            var left = namedBlock is null ? null : await HasLeftAsync(namedBlock, cancellationToken).ConfigureAwait(false);

            // 3.
            var answer = await _http.AskAsync($"tx/{txid}", null, cancellationToken).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.NotFound)
            {
                return new() { NamedBlockLeft = left };
            }

            var transaction = _http.Read(answer);
            var seen = new ChainSighting { IsKnown = true, DataHex = DataOf(transaction), NamedBlockLeft = left };
            var status = transaction.GetProperty("status");
            if (!status.GetProperty("confirmed").GetBoolean())
            {
                return seen;
            }

            // 4.
            var (block, height) = (status.GetProperty("block_hash").GetString()!, status.GetProperty("block_height").GetInt64());
            await RequireInBlockAsync(txid, block, height, cancellationToken).ConfigureAwait(false);

            // 5.
            var tip = long.Parse(await TextAsync("blocks/tip/height", cancellationToken).ConfigureAwait(false), NumberStyles.None, CultureInfo.InvariantCulture);
            return seen with { Confirmations = tip - height + 1, BlockHash = block, BlockHeight = height };
        }
        catch (Exception fault) when (fault is InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw _http.Unreadable(HttpStatusCode.OK);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static AnchorException ReadOnly() => new("provider_read_only", "provider_read_only: an explorer sends nothing. Name anchor-proxy as BITCOIN_ANCHOR_PROVIDER where anchors are written.");

    private async Task RequireNetworkAsync(CancellationToken cancellationToken)
    {
        if (!_isOurs && await TextAsync("block-height/0", cancellationToken).ConfigureAwait(false) != network.Genesis)
        {
            throw AnchorException.Said(Name + "_wrong_network", $"the explorer does not follow {network}.");
        }

        _isOurs = true;
    }

    // An explorer that does not know a block says of it the same as of one that left: the header is the proof that it knows it.
    private async Task<bool?> HasLeftAsync(string block, CancellationToken cancellationToken)
    {
        var known = (await _http.AskAsync($"block/{block}/header", null, cancellationToken).ConfigureAwait(false)).Status;
        return known switch
        {
            HttpStatusCode.OK => !_http.Read(await _http.AskAsync($"block/{block}/status", null, cancellationToken).ConfigureAwait(false)).GetProperty("in_best_chain").GetBoolean(),
            HttpStatusCode.NotFound => null,
            _ => throw _http.Unreadable(known),
        };
    }

    private async Task RequireInBlockAsync(string txid, string block, long height, CancellationToken cancellationToken)
    {
        var at = await TextAsync(string.Create(CultureInfo.InvariantCulture, $"block-height/{height}"), cancellationToken).ConfigureAwait(false);
        var header = Convert.FromHexString(await TextAsync($"block/{block}/header", cancellationToken).ConfigureAwait(false));
        var proof = _http.Read(await _http.AskAsync($"tx/{txid}/merkle-proof", null, cancellationToken).ConfigureAwait(false));
        var branch = proof.GetProperty("merkle").EnumerateArray().Select(step => step.GetString() ?? "").ToList();
        if (at != block || !MerkleBranch.Verify(txid, proof.GetProperty("pos").GetInt64(), branch, header, block))
        {
            throw new AnchorException(Name + "_proof_invalid", Name + "_proof_invalid: the explorer does not prove that the transaction is in the block that it names.");
        }
    }

    private async Task<string> TextAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await _http.AskAsync(path, null, cancellationToken).ConfigureAwait(false);
        return answer.Status == HttpStatusCode.OK ? answer.Text.Trim() : throw _http.Unreadable(answer.Status);
    }

    private static string? DataOf(JsonElement transaction)
    {
        var data = transaction.GetProperty("vout").EnumerateArray().Select(output => DataOutput.Read(Convert.FromHexString(output.GetProperty("scriptpubkey").GetString() ?? ""))).OfType<byte[]>().ToList();
        return data is [var only] ? Convert.ToHexStringLower(only) : null;
    }
}
