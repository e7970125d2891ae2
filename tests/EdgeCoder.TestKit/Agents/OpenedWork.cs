using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.TestKit.Agents;

/// <summary>A lease that the agent has opened.</summary>
/// <param name="Lease">The right to it.</param>
/// <param name="Order">The work.</param>
/// <param name="Envelope">As it came; null for work in the clear.</param>
/// <param name="Secret">The envelope's exported secret; null for work in the clear.</param>
public sealed record OpenedWork(Lease Lease, SubtaskOrder Order, SealedEnvelope? Envelope, byte[]? Secret);
