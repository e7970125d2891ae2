using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Agent.Power;

/// <summary>Reads what a machine tells about its power (coordinator-and-mesh 7). The other side is the operating system.</summary>
public interface IPowerSource
{
    /// <summary>Reads everything once; what cannot be read is absent. Called by one thread at a time.</summary>
    PowerTelemetry Read();
}
