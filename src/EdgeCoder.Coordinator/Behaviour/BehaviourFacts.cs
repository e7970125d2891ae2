namespace EdgeCoder.Coordinator.Behaviour;

/// <summary>A result of an agent with its verdict.</summary>
/// <param name="AtMs">When it was reported.</param>
/// <param name="LeaseMs">From grant to report, by the coordinator's clock.</param>
/// <param name="Claimed">Whether it says that it succeeded.</param>
/// <param name="Accepted">Whether the verifier says so.</param>
/// <param name="OutputLength">Characters of the output; of a patch those of its digest.</param>
/// <param name="Output">Names the output: equal ones are equal.</param>
/// <param name="Input">Names the input.</param>
internal sealed record BehaviourResult(long AtMs, long LeaseMs, bool Claimed, bool Accepted, int OutputLength, string Output, string Input)
{
    /// <summary>Whether it claims a success that the verifier did not find. An honest report of failure is none: it forges nothing.</summary>
    public bool IsFalse => Claimed && !Accepted;
}

/// <summary>A silence of an agent that held a lease.</summary>
internal sealed record HeartbeatGap(long AtMs, long GapMs);

/// <summary>
/// What an agent did in the last 60 minutes, from authenticated traffic only (economy-and-ledger 15). Results that nobody could judge are left out: that is no
/// doing of the agent.
/// </summary>
internal sealed record BehaviourFacts
{
    /// <summary>Judged results in the order of their reports.</summary>
    public IReadOnlyList<BehaviourResult> Results { get; init; } = [];

    /// <summary>Results that it handed in, judged or not.</summary>
    public int Reported { get; init; }

    /// <summary>Grants of leases whose signed reports broke the protocol, with how many did.</summary>
    public IReadOnlyList<(long AtMs, int Count)> Violations { get; init; } = [];

    /// <summary>When keys were bound to it.</summary>
    public IReadOnlyList<long> KeyBindings { get; init; } = [];

    /// <summary>When leases of it expired.</summary>
    public IReadOnlyList<long> Expiries { get; init; } = [];

    /// <summary>Silences.</summary>
    public IReadOnlyList<HeartbeatGap> Gaps { get; init; } = [];

    /// <summary>When the leases that it holds were granted.</summary>
    public IReadOnlyList<long> Live { get; init; } = [];

    /// <summary>Slots it declared.</summary>
    public int MaxConcurrentTasks { get; init; } = 1;
}
