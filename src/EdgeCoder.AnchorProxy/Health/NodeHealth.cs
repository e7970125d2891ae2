using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Anchors.Bitcoind;

namespace EdgeCoder.AnchorProxy.Health;

/// <summary>How node and wallet are. Asked at most once a second, because anyone may ask.</summary>
internal sealed class NodeHealth(BitcoindWallet wallet, BitcoindOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _one = new(1, 1);
    private (long AtTimestamp, NodeFacts Facts)? _last;

    /// <summary>How they are.</summary>
    public async Task<NodeFacts> AskAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_last is not { } last || time.GetElapsedTime(last.AtTimestamp) >= Fresh)
            {
                _last = last = (time.GetTimestamp(), await LookAsync(cancellationToken).ConfigureAwait(false));
            }

            return last.Facts;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<NodeFacts> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var status = await wallet.StatusAsync(cancellationToken).ConfigureAwait(false);
            var error = status.Chain == options.Network.Chain ? null : $"bitcoind_wrong_network: the node follows {status.Chain}, and BITCOIN_NETWORK is {options.Network}.";
            try
            {
                return new(status, await wallet.BalanceSatsAsync(cancellationToken).ConfigureAwait(false), error);
            }
            catch (AnchorException fault)
            {
                return new(status, null, error ?? fault.Message);
            }
        }
        catch (AnchorException fault)
        {
            return new(null, null, fault.Message);
        }
    }
}

/// <summary>What was found.</summary>
/// <param name="Status">The node; null where it does not answer.</param>
/// <param name="BalanceSats">Coins of the wallet; null where there is none.</param>
/// <param name="Error">What is wrong.</param>
internal sealed record NodeFacts(NodeStatus? Status, long? BalanceSats, string? Error);
