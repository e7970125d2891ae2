using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.ModelLists;

namespace EdgeCoder.IdeProvider.Routing;

/// <summary>A way of a call.</summary>
internal enum Way
{
    /// <summary>Models of this machine.</summary>
    Local,

    /// <summary>The swarm.</summary>
    Swarm,
}

/// <summary>The ways of one call in their order, and why each that was tried or left out did not take it.</summary>
internal sealed class Ways
{
    private readonly List<(Way Way, Refusal Fault)> _faults = [];
    private readonly bool _isChoice;

    private Ways(DataClass dataClass, IReadOnlyList<Way> order, bool isChoice) => (DataClass, Order, _isChoice) = (dataClass, order, isChoice);

    /// <summary>Class of the request.</summary>
    public DataClass DataClass { get; }

    /// <summary>The ways to try.</summary>
    public IReadOnlyList<Way> Order { get; }

    /// <summary>The model of this machine that was named; null for the active one.</summary>
    public ModelEntry? Named { get; private init; }

    /// <summary>The caller named the way: its own refusal is the answer.</summary>
    public static Ways Only(Way way, DataClass dataClass, ModelEntry? named = null) => new(dataClass, [way], isChoice: false) { Named = named };

    /// <summary>This machine, because the swarm is no alternative.</summary>
    public static Ways Here(DataClass dataClass, Refusal swarm)
    {
        var ways = new Ways(dataClass, [Way.Local], isChoice: true);
        ways._faults.Add((Way.Swarm, swarm));
        return ways;
    }

    /// <summary>This machine; when it cannot, the swarm.</summary>
    public static Ways HereFirst(DataClass dataClass) => new(dataClass, [Way.Local, Way.Swarm], isChoice: true);

    /// <summary>The swarm, because this machine is slow or full; when that cannot, this machine: the call waits here.</summary>
    public static Ways SwarmFirst(DataClass dataClass) => new(dataClass, [Way.Swarm, Way.Local], isChoice: true);

    /// <summary>The swarm, because this machine cannot.</summary>
    public static Ways Away(DataClass dataClass, Refusal local)
    {
        var ways = new Ways(dataClass, [Way.Swarm], isChoice: true);
        ways._faults.Add((Way.Local, local));
        return ways;
    }

    /// <summary>
    /// Whether a refusal leaves the call to the next way: only what says that this way cannot be used now. A wrong request is wrong everywhere, and what a way
    /// has begun to do is not done twice.
    /// </summary>
    public bool GoesOn(Way way, Refusal fault)
    {
        if (!_isChoice || fault.Status != 503)
        {
            return false;
        }

        _faults.Add((way, fault));
        return true;
    }

    /// <summary>Nothing is left: each way with the reason why it was not taken. Never a text that poses as an answer.</summary>
    public Refusal Nothing()
    {
        var reasons = string.Join(" ", _faults.OrderBy(fault => fault.Way).Select(fault => $"{(fault.Way == Way.Local ? "local" : "swarm")}: {fault.Fault.Message.TrimEnd('.')}."));
        var here = _faults.FirstOrDefault(fault => fault.Way == Way.Local).Fault;
        var isTried = _faults.Any(fault => fault is { Way: Way.Swarm, Fault.Status: 503, Fault.Error: "swarm_unavailable" }) && DataClass != DataClass.Local;
        return new(503, isTried || here is null ? "no_model_available" : here.Error, $"No route took this request. {reasons}") { RetryAfter = here?.RetryAfter ?? 5 };
    }
}
