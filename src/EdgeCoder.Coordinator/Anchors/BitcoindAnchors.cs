using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Anchors.Bitcoind;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>Provider <c>bitcoind</c>: a node of this machine.</summary>
internal sealed class BitcoindAnchors : IAnchorProvider, IDisposable
{
    private readonly BitcoindRpc _rpc;
    private readonly BitcoindWallet _wallet;

    public BitcoindAnchors(BitcoindOptions options, TimeProvider time)
    {
        _rpc = new(options, time);
        _wallet = new(_rpc, options);
    }

    /// <inheritdoc/>
    public bool CanBroadcast => true;

    /// <inheritdoc/>
    public async Task<SignedAnchor?> SignAsync(string payloadHex, CancellationToken cancellationToken) => await _wallet.SignAsync(payloadHex, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<string> SendAsync(string payloadHex, SignedAnchor? signed, bool wasTaken, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signed);
        await _wallet.SendAsync(signed, wasTaken, cancellationToken).ConfigureAwait(false);
        return signed.Txid;
    }

    /// <inheritdoc/>
    public Task<ChainSighting> FindAsync(string txid, string? namedBlock, CancellationToken cancellationToken) => _wallet.FindAsync(txid, namedBlock, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _rpc.Dispose();
}
