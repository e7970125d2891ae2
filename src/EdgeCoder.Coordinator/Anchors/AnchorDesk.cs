using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>What routes ask about anchors.</summary>
/// <param name="store">Rows.</param>
/// <param name="checkpoints">The log's checkpoints.</param>
/// <param name="settings">Settings.</param>
/// <param name="keeper">Works rows off; null where nothing is anchored.</param>
/// <param name="provider">The chain; null where nobody looks at it.</param>
/// <param name="federation">Peers; null where there can be none.</param>
internal sealed class AnchorDesk(AnchorStore store, IAnchorCheckpoints checkpoints, AnchorSettings settings, AnchorKeeper? keeper, IAnchorProvider? provider, FederationFacts? federation = null)
{
    private const int HashDigits = 64;
    private const int MostListed = 50;
    private const int MostReason = 200;

    /// <summary>Begins a round now and does one step of it. Throws <see cref="Refusal"/> 503 where nothing is anchored.</summary>
    public async Task<AnchorLatestAnswer> AnchorLatestAsync(CancellationToken cancellationToken)
    {
        var row = await Keeper.RoundAsync(AnchorKinds.Stats, null, cancellationToken).ConfigureAwait(false);
        if (row is not null)
        {
            await Keeper.WorkAsync(row, cancellationToken).ConfigureAwait(false);
            row = await store.FindAsync(row.AnchorId, cancellationToken).ConfigureAwait(false);
        }

        return new(true, row is null ? null : AnchorView.Of(row), await FinalityAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Looks at the chain now; rows stay as they are. Throws <see cref="Refusal"/> 400 for what is no hash.</summary>
    public async Task<AnchorVerifyAnswer> VerifyAsync(string? checkpointHash, CancellationToken cancellationToken)
    {
        if (checkpointHash is not { Length: HashDigits } hash || !hash.All(char.IsAsciiHexDigitLower))
        {
            throw Refusal.Invalid([new("checkpointHash", "64 lower-case hex digits")]);
        }

        if ((await store.OfAsync(hash, settings.Network.Name, cancellationToken).ConfigureAwait(false)).FirstOrDefault() is not { } row)
        {
            return new(true, hash, false, settings.MinConfirmations, null);
        }

        var view = AnchorView.Of(row);
        if (provider is null || row.TxRef.Length == 0 || row.Status == AnchorStatus.Failed)
        {
            return new(true, hash, false, settings.MinConfirmations, view);
        }

        try
        {
            var seen = row.IsFollowed() ? await provider.FindForeignAsync(row.TxRef, row.BlockHash, cancellationToken).ConfigureAwait(false) : await provider.FindAsync(row.TxRef, row.BlockHash, cancellationToken).ConfigureAwait(false);
            var verified = seen.Confirmations >= settings.MinConfirmations && seen.DataHex == row.PayloadHex();
            return new(true, hash, verified, settings.MinConfirmations, view with { Confirmations = seen.Confirmations, BlockHash = seen.BlockHash });
        }
        catch (AnchorException fault)
        {
            return new(true, hash, false, settings.MinConfirmations, view with { LastCheckError = fault.Message });
        }
    }

    /// <summary>Closes an anchor that will never be. Throws <see cref="Refusal"/>.</summary>
    public async Task<AnchorCloseAnswer> CloseAsync(AnchorCloseRequest request, CancellationToken cancellationToken)
    {
        if (request.AnchorId is not { Length: > 0 and <= 128 } || request.Reason?.Trim() is not { Length: > 0 and <= MostReason } reason)
        {
            throw Refusal.Invalid([new("anchorId", "the id of an anchor"), new("reason", "1 to 200 characters")]);
        }

        var row = await store.FindAsync(request.AnchorId, cancellationToken).ConfigureAwait(false) ?? throw new Refusal(404, "anchor_not_found", "There is no anchor with this id.");
        if (!await Keeper.CloseAsync(row, reason, cancellationToken).ConfigureAwait(false))
        {
            throw new Refusal(409, "anchor_not_open", "It is anchored or closed already, or is being worked on. Look at it again in a minute.");
        }

        return new(true, AnchorView.Of((await store.FindAsync(row.AnchorId, cancellationToken).ConfigureAwait(false))!));
    }

    /// <summary>The newest anchors of issuance commits.</summary>
    public async Task<AnchorListAnswer> IssuanceAsync(CancellationToken cancellationToken) =>
        new([.. (await store.NewestAsync(AnchorKinds.Issuance, settings.Network.Name, MostListed, cancellationToken).ConfigureAwait(false)).Select(AnchorView.Of)]);

    /// <summary>Throws <see cref="Refusal"/> 503 <c>anchoring_not_configured</c> where nothing is anchored.</summary>
    public void RequireProvider() => _ = Keeper;

    /// <summary>Begins a round for an issuance epoch and does one step of it; null while no checkpoint covers the record that makes it final.</summary>
    /// <param name="epochId">The epoch.</param>
    /// <param name="sequence">Place of that record in the log.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<AnchorView?> AnchorIssuanceAsync(string epochId, long sequence, CancellationToken cancellationToken)
    {
        if (await Keeper.IssuanceAsync(epochId, sequence, cancellationToken).ConfigureAwait(false) is not { } row)
        {
            return null;
        }

        await Keeper.WorkAsync(row, cancellationToken).ConfigureAwait(false);
        return AnchorView.Of((await store.FindAsync(row.AnchorId, cancellationToken).ConfigureAwait(false))!);
    }

    /// <summary>
    /// How final the newest soft-final checkpoint is, and whether enough of the quorum set is heard.
    /// </summary>
    public async Task<FinalityView> FinalityAsync(CancellationToken cancellationToken)
    {
        var around = federation is null ? FederationState.Alone : await federation.NowAsync(cancellationToken).ConfigureAwait(false);
        var newest = await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false);
        var covering = newest is null ? [] : await store.CoveringAsync(newest.Height, settings.Network.Name, cancellationToken).ConfigureAwait(false);
        var state = Finality.Of(new(around.Members, around.Threshold, around.Heard, around.Equivocates, newest is not null, [.. covering.Select(row => new CoveringAnchor(row.Status, row.Confirmations))], settings.MinConfirmations));
        var best = covering.Where(row => row.Status is AnchorStatus.Broadcast or AnchorStatus.Anchored).OrderByDescending(row => row.Status).ThenByDescending(row => row.Confirmations).FirstOrDefault();
        return new(newest?.Hash, newest?.Height, newest is not null, state == FinalityState.AnchoredConfirmed, state, best is null ? null : new(best.TxRef, best.AnchorNetwork, best.Status, best.Confirmations, best.AnchoredAtMs));
    }

    private AnchorKeeper Keeper => keeper ?? throw new Refusal(503, "anchoring_not_configured", "Nothing is anchored here. Set BITCOIN_ANCHOR_PROVIDER (docs/anchoring.md).");
}
