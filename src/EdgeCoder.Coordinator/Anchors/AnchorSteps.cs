using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>One step of one checkpoint's rows, done by the holder of their claim.</summary>
internal sealed class AnchorSteps(AnchorStore store, IAnchorProvider provider, AnchorSettings settings, TimeProvider time)
{
    /// <summary>Pending rows are sent, the others looked at. An error changes nothing but the reason that is shown.</summary>
    public async Task<AnchorChange> DoAsync(AnchorRecordRow row, string claimId, CancellationToken cancellationToken)
    {
        try
        {
            return row.IsFollowed() ? await FollowAsync(row, cancellationToken).ConfigureAwait(false)
                : row.Status == AnchorStatus.Pending
                ? AnchorMachine.Sent(row, await SendAsync(row, claimId, cancellationToken).ConfigureAwait(false), NowMs)
                : await LookAsync(row, cancellationToken).ConfigureAwait(false);
        }
        catch (AnchorException fault)
        {
            return AnchorMachine.Failed(row, fault, NowMs + (long)settings.Poll.TotalMilliseconds);
        }
    }

    /// <summary>
    /// Sends: 1. who cannot says so; 2. bytes that are signed are taken; 3. else nothing is signed beside what waits unsent; 4. new ones are stored before; 5. they are sent.
    /// </summary>
    private async Task<string> SendAsync(AnchorRecordRow row, string claimId, CancellationToken cancellationToken)
    {
        // 1.
        if (!provider.CanBroadcast)
        {
            throw new AnchorException("provider_read_only", "provider_read_only: BITCOIN_ANCHOR_PROVIDER only looks at the chain. Name anchor-proxy to write anchors.");
        }

        // 2.
        var payload = row.PayloadHex();
        var signed = row.RawHex is { } kept ? Stored(kept) : null;
        if (signed is null)
        {
            // 3.
            if (await store.HasUnsentAsync(row.CheckpointHash, row.AnchorNetwork, cancellationToken).ConfigureAwait(false))
            {
                throw new AnchorException("waits_for_earlier", "waits_for_earlier: another anchor is signed and not sent yet.");
            }

            // 4.
            signed = await provider.SignAsync(payload, cancellationToken).ConfigureAwait(false);
            if (signed is not null && !await store.KeepSignedAsync(row, claimId, signed.RawHex, cancellationToken).ConfigureAwait(false))
            {
                throw new AnchorException("claim_lost", "claim_lost: another silo works on it.");
            }
        }

        // 5.
        return await provider.SendAsync(payload, signed, row.WasTaken, cancellationToken).ConfigureAwait(false);
    }

    private async Task<AnchorChange> LookAsync(AnchorRecordRow row, CancellationToken cancellationToken)
    {
        var payload = row.PayloadHex();
        var seen = await provider.FindAsync(row.TxRef, row.BlockHash, cancellationToken).ConfigureAwait(false);
        if (row.Status == AnchorStatus.Broadcast && row.BlockHash is null && !seen.IsKnown && provider.CanBroadcast)
        {
            // Forgotten by the node before it was in any block: the same bytes again.
            await provider.SendAsync(payload, row.RawHex is { } raw ? Stored(raw) : null, row.WasTaken, cancellationToken).ConfigureAwait(false);
        }

        return AnchorMachine.Seen(row, seen, payload, settings.MinConfirmations, NowMs, settings.Poll);
    }

    // A peer sends it: what left the best chain is waited for until it is seen again, with the same transaction.
    private async Task<AnchorChange> FollowAsync(AnchorRecordRow row, CancellationToken cancellationToken)
    {
        var seen = await provider.FindForeignAsync(row.TxRef, row.BlockHash, cancellationToken).ConfigureAwait(false);
        return row.Status != AnchorStatus.Pending ? AnchorMachine.Seen(row, seen, row.PayloadHex(), settings.MinConfirmations, NowMs, settings.Poll)
            : seen.IsKnown ? AnchorMachine.Sent(row, row.TxRef, NowMs)
            : throw new AnchorException("waits_for_leader", "waits_for_leader: the peer that sends this transaction has not sent it again yet.");
    }

    private static SignedAnchor Stored(string rawHex) =>
        BitcoinTransaction.TryRead(rawHex, out var transaction) ? new(transaction.Txid, rawHex) : throw new AnchorException("stored_bytes_damaged", "stored_bytes_damaged: what is stored is no transaction. Close this anchor.");

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();
}
