using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Changes;
using EdgeCoder.Portal.Limits;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Portal.Composition;

/// <summary>Takes expired rows out of the store, each hour (portal-and-control-plane 1).</summary>
/// <param name="writer">Writes.</param>
/// <param name="changes">Change requests.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Log.</param>
internal sealed partial class ExpiredRows(IStoreWriter writer, ChangeDesk changes, TimeProvider time, ILogger<ExpiredRows> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    // A sign-up that nobody confirmed, and mail that was sent.
    private static readonly TimeSpan Unconfirmed = TimeSpan.FromDays(30);
    private static readonly TimeSpan SentMail = TimeSpan.FromDays(30);

    /// <summary>Takes them out once; gives how many.</summary>
    public async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var expired = await changes.ExpireAsync(cancellationToken).ConfigureAwait(false);
        return expired + await writer.WriteAsync(
            batch => batch.Execute("DELETE FROM mail_tokens WHERE expires_at_ms <= $1", now)
                + batch.Execute("DELETE FROM challenges WHERE expires_at_ms <= $1", now)
                + batch.Execute("DELETE FROM live_events WHERE at_ms <= $1", now - (long)Events.LiveBus.Kept.TotalMilliseconds)
                + batch.Execute("DELETE FROM sessions WHERE expires_at_ms <= $1", now)
                + batch.Execute("DELETE FROM limit_hits WHERE at_ms <= $1", now - (long)LimitSettings.LongestWindow.TotalMilliseconds)
                + batch.Execute("DELETE FROM accounts WHERE email_verified_at_ms IS NULL AND created_at_ms <= $1", now - (long)Unconfirmed.TotalMilliseconds)
                + batch.Execute("DELETE FROM outbox_mails WHERE state = 'sent' AND created_at_ms <= $1", now - (long)SentMail.TotalMilliseconds),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await PurgeAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogFailed(fault);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Expired rows could not be taken out; they are tried again in an hour")]
    private partial void LogFailed(Exception fault);
}
