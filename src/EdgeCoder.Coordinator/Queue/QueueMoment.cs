using EdgeCoder.Coordinator.Agents;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>Everything outside agent and subtask that a decision depends on, at one moment. Pure code asks it; it never waits.</summary>
internal interface IQueueMoment
{
    /// <summary>The coordinator's clock.</summary>
    long NowMs { get; }

    /// <summary>Whether an operator has paused the coordinator.</summary>
    bool Paused { get; }

    /// <summary>Whether only verified releases may work (<c>REQUIRE_VERIFIED_AGENTS</c>).</summary>
    bool RequireVerified { get; }

    /// <summary>Leases that an agent holds now.</summary>
    int LiveLeases(string agentId);

    /// <summary>Whether project and tenant may have one more lease.</summary>
    bool QuotaAllows(SubtaskShape shape);

    /// <summary>Whether the price cap of the subtask fits its task's reservation, as far as is known.</summary>
    bool BudgetAllows(SubtaskFacts subtask);

    /// <summary>Whether it is an agent's turn to have a recheck; true for what has no turns.</summary>
    bool IsTurn(AgentFacts agent, SubtaskFacts subtask);

    /// <summary>Agents that are enrolled here, for the rules that look at others.</summary>
    IReadOnlyList<AgentFacts> Agents { get; }

    /// <summary>Decayed count of leases granted to a project (see <see cref="Ranking"/>).</summary>
    double Usage(string projectId);
}
