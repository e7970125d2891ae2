namespace EdgeCoder.Coordinator.Anchors;

/// <summary>
/// Rounds (economy-and-ledger 13.2). Alone: 1. the newest soft-final checkpoint; 2. none where the last anchored one is as high, or the log has grown by <c>anchor_set</c> records alone; 3. none while
/// the last one still waits to be sent: it would only cost twice; 4. a row. With peers the leader writes a record <c>anchor_set</c> first and anchors the checkpoint that covers it; the others follow it.
/// </summary>
internal sealed class AnchorRounds(AnchorStore store, IAnchorCheckpoints checkpoints, AnchorSettings settings, TimeProvider time, AnchorFederation? federation = null, AnchorSets? sets = null, AnchorFollowing? following = null)
{
    /// <summary>Begins a round; gives the row that covers the log best now, null where there is none.</summary>
    public async Task<AnchorRecordRow?> BeginAsync(string kind, string? epochId, CancellationToken cancellationToken)
    {
        // 1.
        if (await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false) is not { } newest)
        {
            return null;
        }

        if (await FederationAsync(cancellationToken).ConfigureAwait(false) is { } members)
        {
            return await TogetherAsync(members, newest, begin: true, cancellationToken).ConfigureAwait(false);
        }

        // 2.
        var last = await LastAsync(kind, cancellationToken).ConfigureAwait(false);
        if (last is not null && (last.CheckpointHeight >= newest.Height || !await checkpoints.HasGrownAsync(last.CheckpointHeight, newest.Height, cancellationToken).ConfigureAwait(false)))
        {
            return last;
        }

        // 3.
        if (last is { Status: AnchorStatus.Pending, WasTaken: false })
        {
            return last;
        }

        // 4.
        return await store.AddAsync(kind, epochId, newest, settings.Network.Name, NowMs, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Goes on with a round that has begun: a set that is soft-final by now, or a leader's transaction. Alone there is nothing to go on with.</summary>
    public async Task ContinueAsync(CancellationToken cancellationToken)
    {
        if (await FederationAsync(cancellationToken).ConfigureAwait(false) is { } members && await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false) is { } newest)
        {
            await TogetherAsync(members, newest, begin: false, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The row of an issuance epoch; null while no checkpoint covers the record that makes it final. With peers it is the checkpoint that is anchored for the log, once that covers it.
    /// </summary>
    public async Task<AnchorRecordRow?> IssuanceAsync(string epochId, long sequence, CancellationToken cancellationToken)
    {
        if (await FederationAsync(cancellationToken).ConfigureAwait(false) is null)
        {
            return await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false) is { } newest && newest.Height >= sequence
                ? await BeginAsync(AnchorKinds.Issuance, epochId, cancellationToken).ConfigureAwait(false)
                : null;
        }

        await BeginAsync(AnchorKinds.Stats, null, cancellationToken).ConfigureAwait(false);
        return await store.FirstCoveringAsync(AnchorKinds.Stats, sequence, settings.Network.Name, cancellationToken).ConfigureAwait(false) is { } covering
            ? await store.AddAsync(AnchorKinds.Issuance, epochId, new(covering.CheckpointHash, covering.CheckpointHeight), settings.Network.Name, NowMs, cancellationToken).ConfigureAwait(false)
            : null;
    }

    // The leader: a. a set that is not covered yet is waited for, until a soft-final checkpoint covers it, which is then anchored; b. else a new set. The others ask the leader when their log has grown.
    private async Task<AnchorRecordRow?> TogetherAsync(AnchorMembers members, AnchorCheckpoint newest, bool begin, CancellationToken cancellationToken)
    {
        var last = await LastAsync(AnchorKinds.Stats, cancellationToken).ConfigureAwait(false);
        if (members.Leader != federation!.Self)
        {
            var stands = last is not null && last.Status != AnchorStatus.Failed
                && (last.CheckpointHeight >= newest.Height || !await checkpoints.HasGrownAsync(last.CheckpointHeight, newest.Height, cancellationToken).ConfigureAwait(false));
            return stands ? last : await following!.AskAsync(members.Leader, last?.CheckpointHeight ?? 0, cancellationToken).ConfigureAwait(false) ?? last;
        }

        // a.
        var set = await sets!.NewestAsync(cancellationToken).ConfigureAwait(false);
        if (set > (last?.CheckpointHeight ?? 0))
        {
            return newest.Height < set || last is { Status: AnchorStatus.Pending, WasTaken: false } ? last
                : await store.AddAsync(AnchorKinds.Stats, null, newest, settings.Network.Name, NowMs, cancellationToken).ConfigureAwait(false);
        }

        // b.
        if (begin && last is not { Status: AnchorStatus.Pending, WasTaken: false })
        {
            await sets.AppendAsync(members, cancellationToken).ConfigureAwait(false);
        }

        return last;
    }

    private async Task<AnchorMembers?> FederationAsync(CancellationToken cancellationToken) => federation is null ? null : await federation.NowAsync(cancellationToken).ConfigureAwait(false);

    private async Task<AnchorRecordRow?> LastAsync(string kind, CancellationToken cancellationToken) => (await store.NewestAsync(kind, settings.Network.Name, 1, cancellationToken).ConfigureAwait(false)).FirstOrDefault();

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();
}
