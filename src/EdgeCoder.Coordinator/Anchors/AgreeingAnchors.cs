using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>A provider whose word about the chain counts only where an explorer of one's own agrees. Who disagree prove nothing (economy-and-ledger 13.3).</summary>
internal sealed class AgreeingAnchors(IAnchorProvider provider, IAnchorProvider explorer) : IAnchorProvider, IDisposable
{
    /// <inheritdoc/>
    public bool CanBroadcast => provider.CanBroadcast;

    /// <inheritdoc/>
    public Task<SignedAnchor?> SignAsync(string payloadHex, CancellationToken cancellationToken) => provider.SignAsync(payloadHex, cancellationToken);

    /// <inheritdoc/>
    public Task<string> SendAsync(string payloadHex, SignedAnchor? signed, bool wasTaken, CancellationToken cancellationToken) => provider.SendAsync(payloadHex, signed, wasTaken, cancellationToken);

    /// <summary>Both are asked; the smaller depth counts.</summary>
    public async Task<ChainSighting> FindAsync(string txid, string? namedBlock, CancellationToken cancellationToken)
    {
        var one = await provider.FindAsync(txid, namedBlock, cancellationToken).ConfigureAwait(false);
        var other = await explorer.FindAsync(txid, namedBlock, cancellationToken).ConfigureAwait(false);
        return one.BlockHash == other.BlockHash && (one.NamedBlockLeft ?? other.NamedBlockLeft) == (other.NamedBlockLeft ?? one.NamedBlockLeft) && (one.DataHex ?? other.DataHex) == (other.DataHex ?? one.DataHex)
            ? one with { Confirmations = Math.Min(one.Confirmations, other.Confirmations), DataHex = one.DataHex ?? other.DataHex, NamedBlockLeft = one.NamedBlockLeft ?? other.NamedBlockLeft }
            : throw new AnchorException("explorers_disagree", "explorers_disagree: provider and explorer show different chains.");
    }

    /// <summary>The explorer alone: the wallet behind the provider knows its own transactions only.</summary>
    public Task<ChainSighting> FindForeignAsync(string txid, string? namedBlock, CancellationToken cancellationToken) => explorer.FindAsync(txid, namedBlock, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        (provider as IDisposable)?.Dispose();
        (explorer as IDisposable)?.Dispose();
    }
}
