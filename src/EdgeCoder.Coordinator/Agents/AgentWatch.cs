using EdgeCoder.Coordinator.Enrolment;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Standing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>
/// Timers of the agents' life (coordinator-and-mesh 11). A state follows from rows and clock; what needs a timer is that somebody notices: a parked pull of
/// an agent whose suspension ended, the leases of one that was quarantined on another silo. Every round is safe to run twice and on several silos.
/// </summary>
internal sealed partial class AgentWatch(
    AgentDirectory directory, AgentSightings sightings, Blacklist blacklist, PortalRefresh portal, ITaskQueue queue, TimeProvider time, ILogger<AgentWatch> log) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, AgentStatus> _states = new(StringComparer.Ordinal);

    /// <summary>Seconds between two writes of sightings, checks of states, and questions to the portal.</summary>
    internal const int FlushEvery = 3, CheckEvery = 5, PortalEvery = 60;

    /// <summary>Notices agents whose state is another than at the last round, and tells the queue.</summary>
    /// <returns>The agents and their new states.</returns>
    public async Task<IReadOnlyList<(string AgentId, AgentStatus Status)>> CheckAsync(CancellationToken cancellationToken)
    {
        var agents = await directory.KnownAsync(cancellationToken).ConfigureAwait(false);
        var bans = await blacklist.ActiveAsync(cancellationToken).ConfigureAwait(false);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        List<(string, AgentStatus)> changed = [];
        foreach (var agent in agents)
        {
            var status = directory.StatusOf(agent, bans, nowMs);
            if (_states.TryGetValue(agent.Row.AgentId, out var before) && before == status)
            {
                continue;
            }

            // The first look is no change, but a withdrawal that nobody acted on before a crash is made good.
            var known = _states.ContainsKey(agent.Row.AgentId);
            var withdrawn = status is AgentStatus.Blacklisted or AgentStatus.Suspended or AgentStatus.PendingApproval;
            _states[agent.Row.AgentId] = status;
            if (!known && !withdrawn)
            {
                continue;
            }

            changed.Add((agent.Row.AgentId, status));
            if (known)
            {
                LogState(log, agent.Row.AgentId, status);
            }
        }

        foreach (var (agentId, status) in changed)
        {
            await queue.AgentChangedAsync(agentId, status is AgentStatus.Blacklisted or AgentStatus.Suspended or AgentStatus.PendingApproval, Reason(status), cancellationToken).ConfigureAwait(false);
        }

        return changed;
    }

    /// <summary>Writes what agents last told.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => sightings.FlushAsync(directory.IsApproved, cancellationToken);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            for (long round = 1; await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false); round++)
            {
                await RoundAsync(round, FlushEvery, "sightings", FlushAsync, stoppingToken).ConfigureAwait(false);
                await RoundAsync(round, CheckEvery, "states", CheckAsync, stoppingToken).ConfigureAwait(false);
                await RoundAsync(round, PortalEvery, "portal", portal.RefreshAsync, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        await RoundAsync(0, 1, "sightings", FlushAsync, cancellationToken).ConfigureAwait(false);
    }

    private static string Reason(AgentStatus status) => status switch
    {
        AgentStatus.PendingApproval => "approval_withdrawn",
        AgentStatus.Blacklisted => "agent_blacklisted",
        AgentStatus.Suspended => "agent_suspended",
        AgentStatus.Quarantined => "quarantined",
        AgentStatus.Offline or AgentStatus.Archived => "agent_offline",
        AgentStatus.Draining => "agent_draining",
        _ => "active",
    };

    // One failed round, as while the database restarts, is not the end of the timer.
    private async Task RoundAsync(long round, int every, string what, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        if (round % every != 0)
        {
            return;
        }

        try
        {
            await run(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(log, fault, what);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Agent {AgentId} is {Status}")]
    private static partial void LogState(ILogger log, string agentId, AgentStatus status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The round of {What} failed; the next one tries again")]
    private static partial void LogFailed(ILogger log, Exception fault, string what);
}
