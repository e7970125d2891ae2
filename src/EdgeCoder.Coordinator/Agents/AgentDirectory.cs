using System.Collections.Concurrent;
using EdgeCoder.Coordinator.Operators;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Keys;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>
/// The agents that are enrolled here. All rows are kept in memory, so that a heartbeat or a pull reads no store. A kept row is used only while it is the
/// newest: a change says inside its transaction which revision it makes (<see cref="ExpectedRevision"/>), and with a shared store each look reads the
/// agent's own row, because another silo may have changed it.
/// </summary>
internal sealed class AgentDirectory(
    IDbContextFactory<CoordinatorContext> contexts, AgentSightings sightings, Blacklist blacklist, CoordinatorSwitches switches, AgentOptions options, TimeProvider time) : IAgentKeys
{
    /// <summary>With a shared store: how old the list of all agents may be.</summary>
    private const long ListFreshMs = 1_000;

    private const int RowsPerRead = 200;

    private readonly ConcurrentDictionary<string, KnownAgent> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ExpectedRevision> _expected = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _loading = new(1);
    private long _listedAtMs = long.MinValue;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>An agent as eligibility sees it now; null when it is not enrolled here.</summary>
    /// <param name="agentId">The agent.</param>
    /// <param name="loopback">Whether its request came over a loopback socket.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    public async Task<AgentFacts?> FindAsync(string agentId, bool loopback, CancellationToken cancellationToken) =>
        await KnownAsync(agentId, cancellationToken).ConfigureAwait(false) is { } known ? await FactsAsync(known, loopback, cancellationToken).ConfigureAwait(false) : null;

    /// <summary>All agents as eligibility sees them now, in order of their ids; none of them over loopback.</summary>
    public async Task<IReadOnlyList<AgentFacts>> AllAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken).ConfigureAwait(false);
        var nowMs = NowMs;
        var bans = await blacklist.ActiveAsync(cancellationToken).ConfigureAwait(false);
        var fleet = await switches.FleetPolicyAsync(cancellationToken).ConfigureAwait(false);
        return [.. _known.Values.Select(a => a.Facts(SightingOf(a), bans.Of(a.Row, nowMs), fleet, options.Power, false, nowMs)).OrderBy(a => a.AgentId, StringComparer.Ordinal)];
    }

    /// <summary>All agents with what routes show of them, in order of their ids.</summary>
    public async Task<IReadOnlyList<KnownAgent>> KnownAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken).ConfigureAwait(false);
        return [.. _known.Values.OrderBy(a => a.Row.AgentId, StringComparer.Ordinal)];
    }

    /// <summary>An agent's row, the newest; null when it is not enrolled here.</summary>
    public async Task<KnownAgent?> KnownAsync(string agentId, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        if (!options.SharedStore)
        {
            if (Volatile.Read(ref _listedAtMs) == long.MinValue)
            {
                await LoadAsync(cancellationToken).ConfigureAwait(false);
            }

            var kept = _known.GetValueOrDefault(agentId);
            if (!_expected.TryGetValue(agentId, out var expected) || expected.IsMet(kept?.Row.Revision ?? 0, nowMs))
            {
                return kept;
            }
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await context.Set<AgentRow>().FirstOrDefaultAsync(r => r.AgentId == agentId, cancellationToken).ConfigureAwait(false) is not { } row)
        {
            return null;
        }

        if (options.SharedStore && await context.Set<AgentSightingRow>().FirstOrDefaultAsync(r => r.AgentId == agentId, cancellationToken).ConfigureAwait(false) is { } seen)
        {
            sightings.Learn(agentId, AgentSighting.Of(seen));
        }

        return Keep(row);
    }

    /// <summary>An agent's last sighting.</summary>
    public AgentSighting SightingOf(KnownAgent agent) => sightings.Of(agent.Row.AgentId) ?? new();

    /// <summary>The facts of a known agent now.</summary>
    public async Task<AgentFacts> FactsAsync(KnownAgent agent, bool loopback, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        var bans = await blacklist.ActiveAsync(cancellationToken).ConfigureAwait(false);
        var fleet = await switches.FleetPolicyAsync(cancellationToken).ConfigureAwait(false);
        return agent.Facts(SightingOf(agent), bans.Of(agent.Row, nowMs), fleet, options.Power, loopback, nowMs);
    }

    /// <summary>An agent's state at a moment.</summary>
    public AgentStatus StatusOf(KnownAgent agent, Bans bans, long nowMs) =>
        AgentStates.Of(agent.Row, Math.Max(SightingOf(agent).LastSeenMs, agent.Row.BoundAtMs), bans.Of(agent.Row, nowMs), nowMs).Status;

    /// <summary>The policy in force for an agent.</summary>
    public async ValueTask<AgentPolicy> PolicyAsync(KnownAgent agent, CancellationToken cancellationToken) =>
        agent.PolicyUnder(await switches.FleetPolicyAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>Whether an agent of this id was seen enrolled in this process.</summary>
    public bool IsKnown(string agentId) => _known.ContainsKey(agentId);

    /// <summary>Whether what an agent sends may be stored: it is approved.</summary>
    public bool IsApproved(string agentId) => _known.TryGetValue(agentId, out var known) && known.Row.Approved;

    /// <summary>The key that is bound now: an old one is void from the commit of its rotation on, on every silo.</summary>
    async ValueTask<VerifyingKey?> IAgentKeys.FindAsync(string agentId, CancellationToken cancellationToken) =>
        (await KnownAsync(agentId, cancellationToken).ConfigureAwait(false))?.Key;

    /// <summary>An agent submits for its owner while it may work.</summary>
    async ValueTask<IReadOnlyList<string>> IAgentKeys.AccountsAsync(string agentId, CancellationToken cancellationToken)
    {
        if (await KnownAsync(agentId, cancellationToken).ConfigureAwait(false) is not { } agent)
        {
            return [];
        }

        var bans = await blacklist.ActiveAsync(cancellationToken).ConfigureAwait(false);
        return StatusOf(agent, bans, NowMs) is AgentStatus.Blacklisted or AgentStatus.PendingApproval or AgentStatus.Suspended ? [] : [agent.Row.OwnerAccountId];
    }

    /// <summary>Said inside a transaction: it makes this revision of the agent's row.</summary>
    public void Expect(string agentId, long revision)
    {
        var nowMs = NowMs;
        _expected.AddOrUpdate(
            agentId,
            static (_, a) => Raised(default, a),
            static (_, known, a) => Raised(known, a),
            (revision, nowMs));

        static ExpectedRevision Raised(ExpectedRevision expected, (long Revision, long NowMs) a)
        {
            expected.Raise(a.Revision, a.NowMs);
            return expected;
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (IsListFresh())
        {
            await ReadOldAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (IsListFresh())
            {
                return;
            }

            var nowMs = NowMs;
            await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);

            // Sightings first: an agent that is known is never without what it last told.
            foreach (var seen in await context.Set<AgentSightingRow>().ToListAsync(cancellationToken).ConfigureAwait(false))
            {
                sightings.Learn(seen.AgentId, AgentSighting.Of(seen));
            }

            foreach (var row in await context.Set<AgentRow>().ToListAsync(cancellationToken).ConfigureAwait(false))
            {
                Keep(row);
            }

            Volatile.Write(ref _listedAtMs, nowMs);
        }
        finally
        {
            _loading.Release();
        }

        bool IsListFresh()
        {
            var listedAtMs = Volatile.Read(ref _listedAtMs);
            return listedAtMs != long.MinValue && (!options.SharedStore || NowMs - listedAtMs < ListFreshMs);
        }
    }

    // Only what this process has changed since it was read: verdicts change one row of ten thousand.
    private async Task ReadOldAsync(CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        var old = _expected.Where(e => !e.Value.IsMet(_known.TryGetValue(e.Key, out var kept) ? kept.Row.Revision : 0, nowMs)).Select(e => e.Key).ToArray();
        foreach (var ids in old.Chunk(RowsPerRead))
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            foreach (var row in await context.Set<AgentRow>().Where(r => ids.Contains(r.AgentId)).ToListAsync(cancellationToken).ConfigureAwait(false))
            {
                Keep(row);
            }
        }
    }

    private KnownAgent Keep(AgentRow row)
    {
        var fresh = new KnownAgent(row);
        return _known.AddOrUpdate(row.AgentId, static (_, f) => f, static (_, kept, f) => f.Row.Revision >= kept.Row.Revision ? f : kept, fresh);
    }
}
