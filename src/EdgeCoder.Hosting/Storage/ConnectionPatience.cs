using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// A server that has no connection left (53300, other clients have them all) or that is still starting (57P03) is asked again for up to 20 s, as long as
/// <see cref="StoreWriter"/> has patience, before a read fails. Nothing was sent yet, so nothing can happen twice.
/// </summary>
internal sealed partial class ConnectionPatience(ILogger<ConnectionPatience> logger) : DbConnectionInterceptor
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        var began = Stopwatch.GetTimestamp();
        for (var pause = FirstPause; ; pause = Next(pause))
        {
            try
            {
                await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                return InterceptionResult.Suppress();
            }
            catch (PostgresException fault) when (IsPassing(fault, began))
            {
                LogRefused(fault.SqlState);
                await Task.Delay(pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        var began = Stopwatch.GetTimestamp();
        for (var pause = FirstPause; ; pause = Next(pause))
        {
            try
            {
                connection.Open();
                return InterceptionResult.Suppress();
            }
            catch (PostgresException fault) when (IsPassing(fault, began))
            {
                LogRefused(fault.SqlState);
                CancellationToken.None.WaitHandle.WaitOne(pause);
            }
        }
    }

    private static bool IsPassing(PostgresException fault, long began) =>
        fault.SqlState is PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.CannotConnectNow && Stopwatch.GetElapsedTime(began) < Most;

    private static TimeSpan Next(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database server gives no further connection ({SqlState}); the read waits. Compare its max_connections with the silos' pool_max_conns")]
    private partial void LogRefused(string sqlState);
}
