using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>
/// Begins rounds and works rows off (economy-and-ledger 13.2, 13.3), from rows only: every silo runs one, what is due is claimed for one step, and a claim that its silo did not live to
/// give back lapses.
/// </summary>
internal sealed partial class AnchorKeeper(AnchorStore store, AnchorSteps steps, AnchorRounds rounds, AnchorSettings settings, TimeProvider time, ILogger<AnchorKeeper> log) : BackgroundService
{
    private const int AtOnce = 32;

    // Longer than every call of a step together may take.
    private const long ClaimMs = 600_000;

    /// <summary>Begins a round. Gives the row that covers the log best now; null where there is none.</summary>
    public async Task<AnchorRecordRow?> RoundAsync(string kind, string? epochId, CancellationToken cancellationToken)
    {
        var row = await rounds.BeginAsync(kind, epochId, cancellationToken).ConfigureAwait(false);
        if (row is { Status: AnchorStatus.Pending, RawHex: null, LastCheckError: null })
        {
            LogBegun(kind, row.CheckpointHeight);
        }

        return row;
    }

    /// <summary>Goes on with a round that others take part in.</summary>
    public Task ContinueAsync(CancellationToken cancellationToken) => rounds.ContinueAsync(cancellationToken);

    /// <summary>The row of an issuance epoch; null while no checkpoint covers the record at a place of the log.</summary>
    public Task<AnchorRecordRow?> IssuanceAsync(string epochId, long sequence, CancellationToken cancellationToken) => rounds.IssuanceAsync(epochId, sequence, cancellationToken);

    /// <summary>Does one step of everything that is due; gives how many checkpoints moved to another state.</summary>
    public async Task<int> WorkOnceAsync(CancellationToken cancellationToken)
    {
        var moved = 0;
        foreach (var row in await store.DueAsync(settings.Network.Name, NowMs, AtOnce, cancellationToken).ConfigureAwait(false))
        {
            moved += await WorkAsync(row, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        return moved;
    }

    /// <summary>Does one step of a checkpoint's rows now, unless another silo is at it. Gives whether they moved to another state.</summary>
    public async Task<bool> WorkAsync(AnchorRecordRow row, CancellationToken cancellationToken)
    {
        var claimId = Guid.NewGuid().ToString();
        if (!await store.ClaimAsync(row, claimId, NowMs, NowMs + ClaimMs, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        try
        {
            // Between reading and claiming it may have changed; the claim holds it now.
            if (await store.FindAsync(row.AnchorId, cancellationToken).ConfigureAwait(false) is not { NextAtMs: not null } held)
            {
                await store.ReleaseAsync(row, claimId).ConfigureAwait(false);
                return false;
            }

            var change = await steps.DoAsync(held, claimId, cancellationToken).ConfigureAwait(false);
            var applied = await store.ApplyAsync(held, claimId, change, cancellationToken).ConfigureAwait(false);
            if (change.Error is { } error && error != held.LastCheckError)
            {
                LogUnknown(held.AnchorId, error);
            }

            if (!applied || change.Status == held.Status)
            {
                return false;
            }

            LogMoved(held.AnchorId, held.Status, change.Status, change.Confirmations);
            return true;
        }
        catch
        {
            await store.ReleaseAsync(row, claimId).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>An operator closes an anchor that will never be: it and the other rows of its checkpoint fail. False where one is anchored, or another silo is at it.</summary>
    public async Task<bool> CloseAsync(AnchorRecordRow row, string reason, CancellationToken cancellationToken)
    {
        var claimId = Guid.NewGuid().ToString();
        if (!await store.ClaimAsync(row, claimId, NowMs, NowMs + ClaimMs, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        if (await store.FindAsync(row.AnchorId, cancellationToken).ConfigureAwait(false) is { Status: AnchorStatus.Pending or AnchorStatus.Broadcast } held)
        {
            return await store.ApplyAsync(held, claimId, AnchorMachine.Closed(held, "closed: " + reason), cancellationToken).ConfigureAwait(false);
        }

        await store.ReleaseAsync(row, claimId).ConfigureAwait(false);
        return false;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.Poll < settings.Interval ? settings.Poll : settings.Interval, time);
        long? roundAt = null;
        try
        {
            do
            {
                try
                {
                    if (roundAt is null || time.GetElapsedTime(roundAt.Value) >= settings.Interval)
                    {
                        await RoundAsync(AnchorKinds.Stats, null, stoppingToken).ConfigureAwait(false);
                        roundAt = time.GetTimestamp();
                    }
                    else
                    {
                        await ContinueAsync(stoppingToken).ConfigureAwait(false);
                    }

                    await WorkOnceAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    LogFailed(fault);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(LogLevel.Information, "The checkpoint of height {Height} is to be anchored ({Kind}).")]
    private partial void LogBegun(string kind, long height);

    [LoggerMessage(LogLevel.Information, "Anchor {AnchorId} went from {From} to {To} with {Confirmations} confirmations.")]
    private partial void LogMoved(string anchorId, AnchorStatus from, AnchorStatus to, long confirmations);

    [LoggerMessage(LogLevel.Warning, "Anchor {AnchorId} stays as it is: {Error}")]
    private partial void LogUnknown(string anchorId, string error);

    [LoggerMessage(LogLevel.Error, "Anchoring failed; it is tried again.")]
    private partial void LogFailed(Exception fault);
}
