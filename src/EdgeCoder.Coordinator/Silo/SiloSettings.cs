using System.Net;

namespace EdgeCoder.Coordinator.Silo;

/// <summary>How this process takes part in a cluster.</summary>
internal sealed record SiloSettings
{
    /// <summary>Whether silos find each other in the store. Without: this silo is its own cluster, known to nobody.</summary>
    public required bool Clustered { get; init; }

    /// <summary>
    /// Address at which other silos reach this one; default loopback. What is sent there is neither encrypted nor signed: another address than loopback
    /// must belong to a network of the operator's own.
    /// </summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>
    /// A silo that answers no probe for three of these is declared dead by the others; default 2 s. Shorter: sooner, but a busy machine is taken for
    /// a dead one, and a silo that is declared dead ends its process.
    /// </summary>
    public TimeSpan Probe { get; init; } = TimeSpan.FromSeconds(2);
}
