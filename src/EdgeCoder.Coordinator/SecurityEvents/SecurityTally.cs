using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.SecurityEvents;

/// <summary>
/// Counts what anybody can send (economy-and-ledger 18, 22 F23): refused tokens, signatures, replays, too many requests, programs that are no release. Of each kind at most one event an hour is kept, in the store and
/// in the log, however many requests come and from whomever; it says how many there were and why, and names nobody. What does not fit into this hour's event is in the next one.
/// </summary>
internal sealed partial class SecurityTally(SecurityLog security, IStoreWriter writer, TimeProvider time, ILogger<SecurityTally> log) : BackgroundService
{
    /// <summary>One event of a kind in such a window.</summary>
    public const long WindowMs = 3_600_000;

    // Longer than a burst, so that an event mostly has the whole of it.
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(SecurityEventKind Kind, string Reason), long> _counts = new();

    /// <summary>Counts a refused request, where it is one of those. Always false, for a filter of an exception.</summary>
    public bool Count(Refusal refusal)
    {
        if (KindOf(refusal) is { } kind)
        {
            _counts.AddOrUpdate((kind, Code(refusal)), 1, static (_, count) => count + 1);
        }

        return false;
    }

    /// <summary>Keeps what was counted since the last event of each kind; gives how many events were written.</summary>
    internal Task<int> FlushAsync(CancellationToken cancellationToken)
    {
        var seen = _counts.Where(one => one.Value > 0).ToList();
        return seen.Count == 0 ? Task.FromResult(0) : WriteAsync(seen, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        await TryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                await TryAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    private static SecurityEventKind? KindOf(Refusal refusal) => refusal switch
    {
        { Status: 429, Error: "rate_limited" or "agent_rate_limited" } => SecurityEventKind.AuthRateLimitHit,
        { Status: 401, Reason: "nonce_replayed" } => SecurityEventKind.ReplayAttempt,
        { Status: 401, Error: "signature_invalid" } or { Status: 401, Reason: "signature_invalid" } => SecurityEventKind.InvalidSignature,
        { Status: 401 } => SecurityEventKind.FailedAuth,
        { Status: 403, Error: "binary_integrity_failed" } => SecurityEventKind.BinaryIntegrityFailure,
        _ => null,
    };

    // Codes of this program, never a text of the caller's.
    private static string Code(Refusal refusal) => refusal.Reason ?? refusal.Error;

    private async Task<int> WriteAsync(List<KeyValuePair<(SecurityEventKind Kind, string Reason), long>> seen, CancellationToken cancellationToken)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var kept = await writer.WriteAsync(
            batch => seen.GroupBy(one => one.Key.Kind)
                .Where(group => security.AddOnce(
                    batch, $"tally {nowMs / WindowMs}", group.Key, SecurityLog.Itself, null, "refused", nowMs,
                    [("count", JsonValue.Create(group.Sum(one => one.Value))), .. group.OrderBy(one => one.Key.Reason, StringComparer.Ordinal).Select(one => (one.Key.Reason, JsonValue.Create(one.Value)))]))
                .Select(group => group.Key).ToHashSet(),
            cancellationToken).ConfigureAwait(false);
        foreach (var (key, count) in seen.Where(one => kept.Contains(one.Key.Kind)))
        {
            _counts.AddOrUpdate(key, 0, (_, now) => now - count);
        }

        return kept.Count;
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused requests could not be noted as security events; that is tried again in ten minutes")]
    private partial void LogFailed(Exception fault);
}

/// <summary>Its place among the requests.</summary>
internal static class SecurityTallies
{
    /// <summary>Adds it. Needs <see cref="SecurityLog"/> and the store.</summary>
    public static IServiceCollection AddSecurityTally(this IServiceCollection services) => services.AddSingleton<SecurityTally>().AddHostedService(p => p.GetRequiredService<SecurityTally>());

    /// <summary>Counts what the checks of callers and the routes refuse; after the translation of problems, before the checks.</summary>
    public static IApplicationBuilder UseSecurityTally(this IApplicationBuilder app)
    {
        var tally = app.ApplicationServices.GetRequiredService<SecurityTally>();
        return app.Use(next => async context =>
        {
            try
            {
                await next(context).ConfigureAwait(false);
            }
            catch (Refusal refusal) when (tally.Count(refusal))
            {
                throw;
            }
        });
    }
}
