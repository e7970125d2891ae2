using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Anchors.Bitcoind;

namespace EdgeCoder.AnchorProxy.Broadcasts;

/// <summary>Sends payloads, one after the other: the same payload has the same transaction, whoever asks and whatever was killed in between.</summary>
internal sealed class BroadcastDesk(BitcoindWallet wallet, SignedAnchors signed, TimeProvider time) : IDisposable
{
    // A payload asked for again within this time has the same transaction, whatever the node says of it (economy-and-ledger 13.5).
    private static readonly TimeSpan Same = TimeSpan.FromHours(24);

    // Anchored rows are looked at for longer than that; a payload is never asked for again after it.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>
    /// Sends a payload and gives the transaction's id: 1. what was signed for it before is taken; 2. else what was signed for others and never sent goes first, because a new
    /// transaction could spend the same coins; 3. it is signed and written down; 4. it is sent.
    /// </summary>
    /// <exception cref="AnchorException">It was not sent, or nobody knows.</exception>
    public async Task<string> SendAsync(string dataHex, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // 1.
            if (signed.Find(dataHex) is not { } stored)
            {
                // 2.
                signed.ForgetTakenBefore((time.GetUtcNow() - Kept).ToUnixTimeMilliseconds());
                foreach (var earlier in signed.Unsent())
                {
                    await SendEarlierAsync(earlier, cancellationToken).ConfigureAwait(false);
                }

                // 3.
                var made = await wallet.SignAsync(dataHex, cancellationToken).ConfigureAwait(false);
                stored = new(dataHex, made.Txid, made.RawHex, time.GetUtcNow().ToUnixTimeMilliseconds(), WasTaken: false);
                signed.Keep(stored);
            }

            // 4.
            await SendAsync(stored, cancellationToken).ConfigureAwait(false);
            return stored.Txid;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task SendAsync(StoredAnchor stored, CancellationToken cancellationToken)
    {
        try
        {
            await wallet.SendAsync(stored.Signed, stored.WasTaken, cancellationToken).ConfigureAwait(false);
        }
        catch (AnchorException fault) when (fault.IsPermanent)
        {
            // Nobody was told its id, or that was long ago: the next request gets another transaction.
            if (!stored.WasTaken || time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(stored.SignedAtMs) > Same)
            {
                signed.Forget(stored.DataHex);
            }

            throw;
        }

        if (!stored.WasTaken)
        {
            signed.Keep(stored with { WasTaken = true });
        }
    }

    // What the node does not take, now or ever, holds up nobody; a node that does not answer holds up everybody.
    private async Task SendEarlierAsync(StoredAnchor earlier, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(earlier, cancellationToken).ConfigureAwait(false);
        }
        catch (AnchorException fault) when (fault.IsPermanent || fault.Code == "bitcoind_rejected")
        {
            // Its own caller hears of it when it asks again.
        }
    }
}
