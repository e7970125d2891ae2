using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Keys;

/// <summary>
/// Looks after the coordinator's key (economy-and-ledger 16.2): 1. a change that another silo has made is followed, and a key whose overlap has ended is removed; 2. a key that is due is changed; 3. where that is not
/// possible it is told: <c>key_rotation_overdue</c>, and from its end on <c>key_expired</c>, once for each key. An expired key goes on signing: a log that stands still helps nobody.
/// </summary>
internal sealed partial class KeyKeeper(
    OwnKeys keys, KeyRotation rotation, CoordinatorIdentity identity, IStoreWriter writer, SecurityLog security, KeyOptions options, TimeProvider time, ILogger<KeyKeeper> logger) : BackgroundService
{
    /// <summary>When the newest key is due, and when it ends; null before the log has begun.</summary>
    public (long DueAtMs, long ExpiresAtMs)? Schedule => identity.Chain?.Statements[^1].Statement.ActivatesAtMs is { } fromMs
        ? (fromMs + (long)(options.Lifetime - options.Warning).TotalMilliseconds, fromMs + (long)options.Lifetime.TotalMilliseconds)
        : null;

    /// <summary>Once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // 1.
        if (!await keys.RefreshAsync(cancellationToken).ConfigureAwait(false))
        {
            LogMissing(identity.Chain!.Newest.KeyId);
        }

        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (Schedule is not var (dueAtMs, expiresAtMs) || nowMs < dueAtMs)
        {
            return;
        }

        // 2.
        var keyId = identity.Chain!.Newest.KeyId;
        try
        {
            await rotation.RotateAsync("schedule", cancellationToken).ConfigureAwait(false);
        }
        catch (Refusal refusal)
        {
            // 3.
            LogOverdue(keyId, refusal.Error);
            await writer.WriteAsync(
                batch =>
                {
                    if (OwnKeys.Read(batch, identity.PeerId).Chain?.Newest.KeyId == keyId)
                    {
                        Tell(batch, SecurityEventKind.KeyRotationOverdue, keyId, refusal.Error, nowMs);
                        if (nowMs >= expiresAtMs)
                        {
                            Tell(batch, SecurityEventKind.KeyExpired, keyId, refusal.Error, nowMs);
                        }
                    }

                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                try
                {
                    await RunAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception fault) when (fault is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    LogFailed(fault);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    private void Tell(IStoreBatch batch, SecurityEventKind kind, string keyId, string why, long nowMs) =>
        security.AddOnce(batch, keyId, kind, SecurityLog.Coordinator, identity.PeerId, why, nowMs, ("keyId", JsonValue.Create(keyId)));

    [LoggerMessage(LogLevel.Error, "The log's key {KeyId} is not in the key folder of this silo: silos of one store share the folder keys")]
    private partial void LogMissing(string keyId);

    [LoggerMessage(LogLevel.Warning, "The coordinator's key {KeyId} is due and was not changed ({Why})")]
    private partial void LogOverdue(string keyId, string why);

    [LoggerMessage(LogLevel.Warning, "Looking after the coordinator's key failed; it is tried again")]
    private partial void LogFailed(Exception fault);
}
