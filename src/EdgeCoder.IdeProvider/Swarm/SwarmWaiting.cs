using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Relaying;
using EdgeCoder.IdeProvider.Routing;

namespace EdgeCoder.IdeProvider.Swarm;

/// <summary>An answer of the swarm that is not here yet: only its way is known.</summary>
internal sealed class SwarmWaiting(DataClass dataClass) : IChatSource
{
    /// <inheritdoc/>
    public RelayMarks Marks { get; } = new() { Route = RouteNames.SwarmMark, Model = RouteNames.Swarm, ModelDigest = "unpinned", DataClass = dataClass.Word(), RanOn = RouteNames.SwarmMark };

    /// <inheritdoc/>
    public AnswerUsage? Usage => null;

    /// <inheritdoc/>
    public TimeSpan? FirstByte => null;
}
