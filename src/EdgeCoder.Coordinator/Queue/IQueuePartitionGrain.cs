using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Leases;
using Orleans;
using Orleans.Concurrency;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>A subtask that was taken for an agent: nobody else gets it until its lease is written or it is given back.</summary>
/// <param name="Subtask">The subtask.</param>
/// <param name="LoadBps">Load factor of the price now.</param>
[GenerateSerializer, Immutable]
internal sealed record LeasePick([property: Id(0)] SubtaskFacts Subtask, [property: Id(1)] int LoadBps);

/// <summary>Answer to an agent that asks for work.</summary>
/// <param name="Picks">What it may lease.</param>
/// <param name="Rule">Without picks: what keeps it from the work there is; none when nothing waits.</param>
/// <param name="OnlySandboxed">Whether only work that needs a sandbox waits and the agent has none.</param>
/// <param name="Superseded">Whether an older pull of the agent was parked here: it is to be released.</param>
[GenerateSerializer, Immutable]
internal sealed record TakeAnswer([property: Id(0)] IReadOnlyList<LeasePick> Picks, [property: Id(1)] ExclusionRule Rule, [property: Id(2)] bool OnlySandboxed, [property: Id(3)] bool Superseded);

/// <summary>A live lease as a partition keeps it.</summary>
[GenerateSerializer, Immutable]
internal sealed record LeaseCard(
    [property: Id(0)] string LeaseId, [property: Id(1)] string SubtaskId, [property: Id(2)] string AgentId, [property: Id(3)] string ProjectId, [property: Id(4)] string? TenantId,
    [property: Id(5)] long GrantedAtMs, [property: Id(6)] long DeadlineMs);

/// <summary>Why a subtask waits, seen from every agent.</summary>
/// <param name="SubtaskId">The subtask.</param>
/// <param name="BaselineWaits">Its check is still to be tried.</param>
/// <param name="Rules">First rule for each agent asked about, in their order.</param>
[GenerateSerializer, Immutable]
internal sealed record SubtaskJudgement([property: Id(0)] string SubtaskId, [property: Id(1)] bool BaselineWaits, [property: Id(2)] ExclusionRule[] Rules);

/// <summary>What keeps an agent from each waiting subtask.</summary>
/// <param name="FreeSlots">Slots it has left.</param>
/// <param name="StateRule">Rule of its own state, or of slots, model, key, power, policy.</param>
/// <param name="Subtasks">By subtask, at most the number asked for.</param>
[GenerateSerializer, Immutable]
internal sealed record AgentJudgement([property: Id(0)] int FreeSlots, [property: Id(1)] ExclusionRule StateRule, [property: Id(2)] IReadOnlyList<JudgedSubtask> Subtasks);

/// <summary>What keeps an agent from one waiting subtask.</summary>
/// <param name="SubtaskId">The subtask.</param>
/// <param name="Rule">First rule; none when the agent may have it.</param>
/// <param name="BaselineWaits">Nobody may have it yet: its check is still to be tried.</param>
[GenerateSerializer, Immutable]
internal readonly record struct JudgedSubtask([property: Id(0)] string SubtaskId, [property: Id(1)] ExclusionRule Rule, [property: Id(2)] bool BaselineWaits)
{
    /// <summary>Whether the agent gets it when it asks.</summary>
    public bool Eligible => Rule is ExclusionRule.None && !BaselineWaits;
}

/// <summary>
/// One partition of the queue: an index of what waits and of live leases, loaded from rows. It decides who tries to lease what, so that silos do not race;
/// the rows decide whether the try succeeds.
/// </summary>
internal interface IQueuePartitionGrain : IGrainWithIntegerKey
{
    /// <summary>Takes up to <paramref name="want"/> subtasks for an agent that holds <paramref name="live"/> leases in all partitions (−1: only those here count).</summary>
    Task<TakeAnswer> TakeAsync(AgentFacts agent, int want, int live);

    /// <summary>A lease of taken work is durable.</summary>
    Task GrantedAsync(LeaseCard lease);

    /// <summary>Taken work was not leased.</summary>
    Task GivenBackAsync(string subtaskId, GrantOutcome outcome);

    /// <summary>Parks a pull; true when there is work for it now, and then it is not parked.</summary>
    Task<bool> ParkAsync(AgentFacts agent, long pullId);

    /// <summary>Ends a parked pull.</summary>
    [OneWay]
    Task UnparkAsync(string agentId, long pullId);

    /// <summary>Looks for parked pulls that fit what waits.</summary>
    [OneWay]
    Task MatchAsync();

    /// <summary>How many pulls are parked here.</summary>
    Task<int> ParkedAsync();

    /// <summary>Takes in committed changes.</summary>
    Task ApplyAsync(PartitionChange change);

    /// <summary>Judges waiting subtasks against agents.</summary>
    Task<IReadOnlyList<SubtaskJudgement>> JudgeAsync(IReadOnlyList<string> subtaskIds, IReadOnlyList<AgentFacts> agents);

    /// <summary>Judges an agent against what waits.</summary>
    Task<AgentJudgement> JudgeAgentAsync(AgentFacts agent, int most);

    /// <summary>Ends what is due: leases, deadlines, tries to lease that came to nothing. Runs every second by itself; tests call it.</summary>
    Task SweepAsync();
}

/// <summary>The parked pull of one agent.</summary>
internal interface IAgentSessionGrain : IGrainWithStringKey
{
    /// <summary>Waits until work may fit the agent, its state changes, a newer pull comes, or time is up.</summary>
    [ResponseTimeout("00:01:30")]
    Task<ParkEnd> WaitAsync(AgentFacts agent, int waitMs);

    /// <summary>There may be work for a parked pull; false when it has ended.</summary>
    Task<bool> WakeAsync(long pullId);

    /// <summary>Ends the parked pull, if there is one.</summary>
    Task EndAsync(ParkEnd end);
}

/// <summary>Why a parked pull ended.</summary>
internal enum ParkEnd
{
    /// <summary>There may be work.</summary>
    Work,

    /// <summary>Time is up.</summary>
    TimedOut,

    /// <summary>A newer pull of the agent.</summary>
    Superseded,

    /// <summary>The agent's state, power or policy changed.</summary>
    Changed,
}
