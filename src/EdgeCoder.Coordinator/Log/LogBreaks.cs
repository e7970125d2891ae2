using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Log;

/// <summary>
/// Notes that the log did not fit itself at a start (economy-and-ledger 9.8, 18), once a day. The event stays among the security events; it becomes a leaf only of a log that is right again.
/// </summary>
internal sealed partial class LogBreaks(SecurityLog security, IStoreWriter writer, TimeProvider time, ILogger<LogBreaks> log)
{
    private const long DayMs = 86_400_000;

    /// <summary>Notes it. A store that takes nothing any more does not hide why the start ends.</summary>
    public async Task NoteAsync(CancellationToken cancellationToken)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        try
        {
            await writer.WriteAsync(
                batch => security.AddOnce(batch, $"day {nowMs / DayMs}", SecurityEventKind.LedgerChainBreak, SecurityLog.Itself, null, "start_refused", nowMs), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFailed(fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "That the log is broken could not be noted in its store")]
    private partial void LogFailed(Exception fault);
}
