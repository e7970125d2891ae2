using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Operators;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Status;

/// <summary>Counts of the coordinator. Counted at most once a second, because anyone may ask for them.</summary>
internal sealed class CoordinatorFigures(AgentDirectory directory, Blacklist blacklist, IDbContextFactory<CoordinatorContext> contexts, AgentOptions options, TimeProvider time)
{
    private const long FreshMs = 1_000;

    private readonly SemaphoreSlim _counting = new(1);
    private (long AtMs, StatusAnswer Answer)? _kept;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Queued and leased subtasks, agents that are active, stored results.</summary>
    public async Task<StatusAnswer> StatusAsync(CancellationToken cancellationToken)
    {
        await _counting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var nowMs = NowMs;
            if (_kept is { } kept && nowMs - kept.AtMs < FreshMs)
            {
                return kept.Answer;
            }

            await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            var queued = await context.Set<SubtaskRow>().LongCountAsync(r => r.State == SubtaskState.Queued || r.State == SubtaskState.Leased, cancellationToken).ConfigureAwait(false);
            var results = await context.Set<ResultRow>().LongCountAsync(cancellationToken).ConfigureAwait(false);
            var agents = await ActiveAsync(nowMs, cancellationToken).ConfigureAwait(false);
            var answer = new StatusAnswer(queued, agents, results);
            _kept = (nowMs, answer);
            return answer;
        }
        finally
        {
            _counting.Release();
        }
    }

    /// <summary>What a price is made of: subtasks that wait, active agents, and the subtasks that these take at once.</summary>
    public async Task<(long Queued, long Active, long Capacity)> DemandAsync(CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var queued = await context.Set<SubtaskRow>().LongCountAsync(r => r.State == SubtaskState.Queued, cancellationToken).ConfigureAwait(false);
        var bans = await blacklist.ActiveAsync(cancellationToken).ConfigureAwait(false);
        var active = (await directory.KnownAsync(cancellationToken).ConfigureAwait(false)).Where(agent => directory.StatusOf(agent, bans, nowMs) is AgentStatus.Active).ToList();
        return (queued, active.Count, active.Sum(agent => (long)agent.Row.MaxConcurrentTasks));
    }

    /// <summary>Capacity: totals, and a page of agents in order of their ids.</summary>
    public async Task<CapacityAnswer> CapacityAsync(int limit, string? after, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        var agents = await directory.KnownAsync(cancellationToken).ConfigureAwait(false);
        var bans = await blacklist.ActiveAsync(cancellationToken).ConfigureAwait(false);
        int connected = 0, capacity = 0, ollama = 0, ide = 0, banned = 0;
        List<AgentCapacity> page = [];
        string? next = null;
        foreach (var agent in agents)
        {
            var status = directory.StatusOf(agent, bans, nowMs);
            if (status is AgentStatus.Active)
            {
                connected++;
                capacity += agent.Row.MaxConcurrentTasks;
                ollama += agent.Row.LocalModelProvider is "ollama-local" ? 1 : 0;
                ide += agent.Row.Mode is "ide-enabled" ? 1 : 0;
            }

            banned += status is AgentStatus.Blacklisted ? 1 : 0;
            if (after is not null && string.CompareOrdinal(agent.Row.AgentId, after) <= 0)
            {
                continue;
            }

            if (page.Count < limit)
            {
                page.Add(Show(agent, directory.SightingOf(agent), status, nowMs));
            }
            else
            {
                next = page[^1].AgentId;
            }
        }

        return new(new(connected, capacity, connected, ollama, ide, 0, 0, 0, banned), page, next);
    }

    private AgentCapacity Show(KnownAgent agent, AgentSighting sighting, AgentStatus status, long nowMs)
    {
        var row = agent.Row;
        var power = Protocol.Power.PowerPolicy.Decide(row.Os, sighting.Power, sighting.LastAssignmentMs, nowMs, options.Power);
        return new()
        {
            AgentId = row.AgentId,
            Status = EnumText.Of(status),
            Os = row.Os,
            Version = row.ProgramVersion,
            Mode = row.Mode,
            LocalModelEnabled = agent.Models.Count > 0,
            LocalModelProvider = row.LocalModelProvider,
            LocalModelCatalog = agent.Models,
            ClientType = row.ClientType,
            SwarmEnabled = status is AgentStatus.Active,
            IdeEnabled = row.Mode is "ide-enabled",
            MaxConcurrentTasks = row.MaxConcurrentTasks,
            ConnectedPeers = [],
            EnrollmentReason = row.ApprovalReason,
            PowerTelemetry = sighting.Power?.Known(nowMs),
            ActiveModel = sighting.ActiveModel,
            ActiveModelParamSize = sighting.ActiveModelParamSize is 0 ? null : sighting.ActiveModelParamSize,
            ModelSwapInProgress = sighting.ModelSwapInProgress,
            PublicKeyPem = row.PublicKeyPem,
            X25519PublicKey = row.X25519PublicKey,
            SandboxMode = row.SandboxMode,
            LastSeenMs = Math.Max(sighting.LastSeenMs, row.BoundAtMs),
            VerificationStatus = row.Integrity,
            Blacklisted = status is AgentStatus.Blacklisted,
            PowerPolicy = new(power.CoordinatorWork, power.PeerWork, power.Reason, power.DeferMs, power.SmallTasksOnly),
        };
    }

    private async Task<int> ActiveAsync(long nowMs, CancellationToken cancellationToken)
    {
        var agents = await directory.KnownAsync(cancellationToken).ConfigureAwait(false);
        var bans = await blacklist.ActiveAsync(cancellationToken).ConfigureAwait(false);
        return agents.Count(a => directory.StatusOf(a, bans, nowMs) is AgentStatus.Active);
    }
}
