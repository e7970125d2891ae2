namespace EdgeCoder.Ledger.Issuance;

/// <summary>What an epoch is calculated from beside contributions (economy-and-ledger 8.1, 8.2). Counts are 0 or more.</summary>
/// <param name="Queued">Subtasks that waited.</param>
/// <param name="Agents">Active approved agents.</param>
/// <param name="CpuCapacity">max(1, Σ max(1, subtasks that each takes at once)).</param>
/// <param name="GpuCapacity">max(1, agents that proved a model on a graphics processor).</param>
/// <param name="PreviousLoad">Load of the last epoch that was final, in millionths; null without one.</param>
public sealed record IssuanceInputs(long Queued, long Agents, long CpuCapacity, long GpuCapacity, long? PreviousLoad);
