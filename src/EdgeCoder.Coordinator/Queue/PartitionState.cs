using System.Diagnostics.CodeAnalysis;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Ledger.Charges;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>
/// Everything that a partition knows, and its decisions. No waiting, no clock: the grain around it brings time, agents and commits. Not safe for threads.
/// </summary>
internal sealed class PartitionState(QueueOptions options)
{
    /// <summary>Taken work whose lease was not written within this time is looked up again.</summary>
    public const long TakenMs = 15_000;

    /// <summary>A task whose reservation was too small is tried again after this time: the price falls with load.</summary>
    public const long BudgetMs = 5_000;

    /// <summary>So long the agent whose turn it is has to ask for an audit before the next has its turn.</summary>
    public const long TurnMs = 60_000;

    // Budget of all rechecks: the operator's.
    private const string Operator = "";

    private readonly AuditTurns _turns = new();
    private readonly Dictionary<string, Taken> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _takenByAgent = new(StringComparer.Ordinal);
    private int _active;
    private readonly Dictionary<string, long> _spent = new(StringComparer.Ordinal);

    /// <summary>What waits.</summary>
    public WaitingWork Work { get; } = new();

    /// <summary>Live leases.</summary>
    public LiveLeases Leases { get; } = new();

    /// <summary>Parked pulls.</summary>
    public ParkedPulls Parked { get; } = new();

    /// <summary>Shares of projects.</summary>
    public ProjectUsage Usage { get; } = new();

    /// <summary>Agents as last read.</summary>
    public IReadOnlyList<AgentFacts> Agents
    {
        get;
        set => (field, _active) = (value, value.Count(a => a.Status is AgentStatus.Active));
    } = [];

    /// <summary>Pause as last read.</summary>
    public bool Paused { get; set; }

    /// <summary>Changes so far: tells a reader of rows whether it was overtaken.</summary>
    public long Version { get; private set; }

    /// <summary>Takes work for an agent.</summary>
    public List<LeasePick> Take(AgentFacts agent, int want, int live, long nowMs)
    {
        var picks = new List<LeasePick>();
        var load = EarningFormula.Load(Work.Count, _active);
        while (picks.Count < want && Work.Best(agent, At(nowMs, agent.AgentId, live < 0 ? -1 : live + picks.Count)) is { } best)
        {
            Work.Remove(best.SubtaskId);
            PutTaken(new(best, agent.AgentId, nowMs));
            picks.Add(new(best, load));
        }

        return picks;
    }

    /// <summary>A lease of taken work is durable.</summary>
    public void Granted(LeaseCard lease)
    {
        Version++;
        TryRemoveTaken(lease.SubtaskId, out _);
        Work.Remove(lease.SubtaskId);
        Leases.Put(lease);
        Usage.Granted(lease.ProjectId, lease.GrantedAtMs);
    }

    /// <summary>Taken work was not leased and still waits; false when rows have to say whether it does.</summary>
    public bool GivenBack(string subtaskId, GrantOutcome outcome, long nowMs)
    {
        if (!TryRemoveTaken(subtaskId, out var taken))
        {
            return true;
        }

        if (outcome is GrantOutcome.Gone)
        {
            return false;
        }

        if (outcome is GrantOutcome.Budget)
        {
            _spent[PayerOf(taken.Subtask)] = nowMs;
        }

        Work.Put(taken.Subtask);
        return true;
    }

    /// <summary>Takes in what was committed.</summary>
    public void Apply(PartitionChange change)
    {
        Version++;
        foreach (var lease in change.EndedLeases)
        {
            Leases.Remove(lease);
        }

        foreach (var task in change.Budgets)
        {
            _spent.Remove(task);
        }

        foreach (var subtask in change.Gone)
        {
            Work.Remove(subtask);
            TryRemoveTaken(subtask, out _);
            _turns.Forget(subtask);
        }

        foreach (var subtask in change.Queued)
        {
            TryRemoveTaken(subtask.SubtaskId, out _);
            Work.Put(subtask);
        }
    }

    /// <summary>Makes the index what rows say waits now.</summary>
    public void Reconcile(IReadOnlyList<SubtaskFacts> waiting)
    {
        var ids = waiting.Select(s => s.SubtaskId).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in Work.All.Select(s => s.SubtaskId).Where(id => !ids.Contains(id)).ToList())
        {
            Work.Remove(gone);
        }

        foreach (var subtask in waiting)
        {
            if (!_taken.ContainsKey(subtask.SubtaskId))
            {
                Work.Put(subtask);
            }
        }
    }

    /// <summary>Taken work that came to nothing; forgets it, and budgets that were too small long ago.</summary>
    public List<string> Overdue(long nowMs)
    {
        foreach (var task in _spent.Where(s => nowMs - s.Value >= BudgetMs).Select(s => s.Key).ToList())
        {
            _spent.Remove(task);
        }

        var overdue = _taken.Where(t => nowMs - t.Value.AtMs >= TakenMs).Select(t => t.Key).ToList();
        overdue.ForEach(id => TryRemoveTaken(id, out _));
        return overdue;
    }

    /// <summary>This state as the rules see it at a moment; <paramref name="asking"/> holds <paramref name="live"/> leases in all partitions unless that is negative.</summary>
    public IQueueMoment At(long nowMs, string? asking = null, int live = -1) => new Moment(this, options, nowMs, asking, live);

    private void PutTaken(Taken taken)
    {
        TryRemoveTaken(taken.Subtask.SubtaskId, out _);
        _taken[taken.Subtask.SubtaskId] = taken;
        _takenByAgent[taken.AgentId] = _takenByAgent.GetValueOrDefault(taken.AgentId) + 1;
    }

    private bool TryRemoveTaken(string subtaskId, [NotNullWhen(true)] out Taken? taken)
    {
        if (!_taken.Remove(subtaskId, out taken))
        {
            return false;
        }

        if (_takenByAgent.GetValueOrDefault(taken.AgentId) is > 1 and var count)
        {
            _takenByAgent[taken.AgentId] = count - 1;
        }
        else
        {
            _takenByAgent.Remove(taken.AgentId);
        }

        return true;
    }

    private static string PayerOf(SubtaskFacts subtask) => subtask.Shape.Purpose is LeasePurpose.Work ? subtask.TaskId : Operator;

    private sealed record Taken(SubtaskFacts Subtask, string AgentId, long AtMs);

    private sealed class Moment(PartitionState state, QueueOptions options, long nowMs, string? asking, int live) : IQueueMoment
    {
        public long NowMs => nowMs;

        public bool Paused => state.Paused;

        public bool RequireVerified => options.RequireVerifiedAgents;

        public IReadOnlyList<AgentFacts> Agents => state.Agents;

        public int LiveLeases(string agentId) => live >= 0 && agentId == asking ? live : state.Leases.OfAgent(agentId) + state._takenByAgent.GetValueOrDefault(agentId);

        public bool QuotaAllows(SubtaskShape shape) =>
            (options.ProjectLeases == 0 || state.Leases.OfProject(shape.ProjectId) + state._taken.Values.Count(t => t.Subtask.Shape.ProjectId == shape.ProjectId) < options.ProjectLeases)
            && (options.TenantLeases == 0 || shape.TenantId is not { } tenant || state.Leases.OfTenant(tenant) + state._taken.Values.Count(t => t.Subtask.Shape.TenantId == tenant) < options.TenantLeases);

        public bool BudgetAllows(SubtaskFacts subtask) => !state._spent.ContainsKey(PayerOf(subtask));

        public bool IsTurn(AgentFacts agent, SubtaskFacts subtask) =>
            subtask.Draw is not { } draw || string.Equals(state._turns.Of(subtask, draw, this), agent.AgentId, StringComparison.Ordinal);

        public double Usage(string projectId) => state.Usage.Of(projectId, nowMs);
    }
}
