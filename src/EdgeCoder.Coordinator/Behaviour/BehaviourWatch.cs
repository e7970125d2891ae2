using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Blacklists;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Behaviour;

/// <summary>
/// Looks at an agent right after each verdict against it and each report that broke the protocol, and each minute at all that had work, or bound a key, in the last hour: a result that was accepted can only
/// bring about what informs, which has time for a minute. Bans whom rows prove guilty. No request waits for it. Safe to run twice and on several silos.
/// </summary>
internal sealed partial class BehaviourWatch(
    AgentDirectory directory, BehaviourJudge judge, AutomaticBans bans, BehaviourMarks marks, IStoreWriter writer, ITaskQueue queue, QueueClock time, ILogger<BehaviourWatch> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>One round.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var agent in await directory.KnownAsync(cancellationToken).ConfigureAwait(false))
        {
            if (Math.Max(directory.SightingOf(agent).LastAssignmentMs, agent.Row.BoundAtMs) > nowMs - BehaviourReading.WindowMs)
            {
                await LookAsync(agent.Row.AgentId, nowMs, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Bans whom rows prove guilty: leases are revoked, parked pulls end.</summary>
    public async Task BanAsync(CancellationToken cancellationToken)
    {
        foreach (var agentId in await bans.LookAsync(cancellationToken).ConfigureAwait(false))
        {
            LogBanned(log, agentId);
            await queue.AgentChangedAsync(agentId, true, "agent_blacklisted", cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Looks at one agent.</summary>
    public async Task LookAsync(string agentId, long nowMs, CancellationToken cancellationToken)
    {
        var (found, quarantined) = await writer.WriteAsync(batch => judge.Look(batch, agentId, nowMs), cancellationToken).ConfigureAwait(false);
        foreach (var finding in found)
        {
            LogFinding(log, agentId, finding.RuleId, finding.Description);
        }

        if (quarantined)
        {
            // Read again first: the queue must judge by what was just stored.
            await directory.KnownAsync(agentId, cancellationToken).ConfigureAwait(false);
            await queue.AgentChangedAsync(agentId, false, "quarantined", cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(EachMinuteAsync(stoppingToken), AtOnceAsync(stoppingToken)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task EachMinuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            await TryAsync(LookAsync, stoppingToken).ConfigureAwait(false);
            await TryAsync(BanAsync, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task AtOnceAsync(CancellationToken stoppingToken)
    {
        await foreach (var agentId in marks.TakeAsync(stoppingToken).ConfigureAwait(false))
        {
            await TryAsync(stop => LookAsync(agentId, time.GetUtcNow().ToUnixTimeMilliseconds(), stop), stoppingToken).ConfigureAwait(false);
            await TryAsync(BanAsync, stoppingToken).ConfigureAwait(false);
        }
    }

    // One that failed, as while the database restarts, is made good by the next.
    private async Task TryAsync(Func<CancellationToken, Task> look, CancellationToken stoppingToken)
    {
        try
        {
            await look(stoppingToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            LogFailed(log, fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Agent {AgentId}: {RuleId}, {Description}")]
    private static partial void LogFinding(ILogger log, string agentId, string ruleId, string description);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Agent {AgentId} is banned for 7 days on proof; see GET /security/blacklist")]
    private static partial void LogBanned(ILogger log, string agentId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The look at behaviour failed; the next one tries again")]
    private static partial void LogFailed(ILogger log, Exception fault);
}
