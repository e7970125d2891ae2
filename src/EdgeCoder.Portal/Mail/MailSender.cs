using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Portal.Mail;

/// <summary>
/// Sends what is queued, at least once: 1. look for mails that are due; 2. move each one's next attempt ahead, which one of several senders wins; 3. hand it over;
/// 4. mark it sent and take its text out of the store, or wait twice as long, a day at most, and give up after <see cref="MostAttempts"/> tries.
/// </summary>
/// <param name="transport">Hands over.</param>
/// <param name="contexts">Reads.</param>
/// <param name="writer">Writes.</param>
/// <param name="watch">Tells of new mails.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Log.</param>
internal sealed partial class MailSender(IMailTransport transport, IDbContextFactory<PortalContext> contexts, IStoreWriter writer, IStoreWatch watch, TimeProvider time, ILogger<MailSender> log) : BackgroundService
{
    /// <summary>Tries; with pauses of 1, 2, 4, … minutes the last one is three days after the first.</summary>
    public const long MostAttempts = 14;

    private const int Page = 20;

    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(24);

    private readonly SemaphoreSlim _arrived = new(0, 1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        watch.Watch<OutboxMailRow>(Wake);
        using var timer = new PeriodicTimer(Look, time);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var arrived = _arrived.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SendDueAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // Ended in the middle of a mail, which is tried again after its claim.
                return;
            }
            catch (Exception fault)
            {
                LogStoreAway(fault);
            }

            var first = await Task.WhenAny(tick, arrived).ConfigureAwait(false);
            await first.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (first == tick && !stoppingToken.IsCancellationRequested)
            {
                tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
            }
            else if (first == arrived)
            {
                arrived = _arrived.WaitAsync(stoppingToken);
            }
        }
    }

    /// <summary>Sends what is due now; gives how many were handed over.</summary>
    public async Task<int> SendDueAsync(CancellationToken cancellationToken)
    {
        var sent = 0;
        while (true)
        {
            var now = Now();
            List<OutboxMailRow> due;
            await using (var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false))
            {
                due = await context.Set<OutboxMailRow>().Where(row => row.State == MailState.Waiting && row.NextAttemptMs <= now).OrderBy(row => row.NextAttemptMs).Take(Page).ToListAsync(cancellationToken).ConfigureAwait(false);
            }

            if (due.Count == 0)
            {
                return sent;
            }

            foreach (var mail in due)
            {
                sent += await SendAsync(mail, now, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _arrived.Dispose();
    }

    private async Task<bool> SendAsync(OutboxMailRow mail, long now, CancellationToken cancellationToken)
    {
        var claimed = await writer.WriteAsync(
            batch => batch.Execute("UPDATE outbox_mails SET next_attempt_ms = $1 WHERE id = $2 AND state = 'waiting' AND next_attempt_ms = $3", now + (long)Claim.TotalMilliseconds, mail.Id, mail.NextAttemptMs),
            cancellationToken).ConfigureAwait(false);
        if (claimed == 0)
        {
            return false;
        }

        try
        {
            await transport.SendAsync(mail, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(fault, mail.Id, mail.Attempts + 1);
            var pause = TimeSpan.FromMinutes(Math.Pow(2, Math.Min(mail.Attempts, 12)));
            var next = Now() + (long)(pause < LongestPause ? pause : LongestPause).TotalMilliseconds;
            var state = mail.Attempts + 1 >= MostAttempts ? "dead" : "waiting";
            await writer.WriteAsync(batch => batch.Execute("UPDATE outbox_mails SET attempts = attempts + 1, next_attempt_ms = $1, state = $2 WHERE id = $3", next, state, mail.Id), cancellationToken).ConfigureAwait(false);
            return false;
        }

        await writer.WriteAsync(batch => batch.Execute("UPDATE outbox_mails SET state = 'sent', text = '', html = '' WHERE id = $1", mail.Id), cancellationToken).ConfigureAwait(false);
        return true;
    }

    private void Wake()
    {
        try
        {
            _arrived.Release();
        }
        catch (Exception fault) when (fault is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake already, or everything ends.
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {Id} could not be sent, try {Attempt}; it is tried again later")]
    private partial void LogFailed(Exception fault, string id, long attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store did not answer the sender of mails; it is asked again")]
    private partial void LogStoreAway(Exception fault);
}
