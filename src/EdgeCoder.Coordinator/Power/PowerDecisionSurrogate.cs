using EdgeCoder.Protocol.Power;
using Orleans;

namespace EdgeCoder.Coordinator.Power;

/// <summary>A <see cref="PowerDecision"/> between silos: the table belongs to the protocol, which knows no Orleans.</summary>
[GenerateSerializer, Immutable]
internal struct PowerDecisionSurrogate
{
    [Id(0)] public bool CoordinatorWork;
    [Id(1)] public bool PeerWork;
    [Id(2)] public string Reason;
    [Id(3)] public int? DeferMs;
    [Id(4)] public bool SmallTasksOnly;
}

/// <summary>Both ways.</summary>
[RegisterConverter]
internal sealed class PowerDecisionConverter : IConverter<PowerDecision, PowerDecisionSurrogate>
{
    public PowerDecision ConvertFromSurrogate(in PowerDecisionSurrogate surrogate) =>
        new(surrogate.CoordinatorWork, surrogate.PeerWork, surrogate.Reason, surrogate.DeferMs, surrogate.SmallTasksOnly);

    public PowerDecisionSurrogate ConvertToSurrogate(in PowerDecision value) => new()
    {
        CoordinatorWork = value.CoordinatorWork,
        PeerWork = value.PeerWork,
        Reason = value.Reason,
        DeferMs = value.DeferMs,
        SmallTasksOnly = value.SmallTasksOnly,
    };
}
