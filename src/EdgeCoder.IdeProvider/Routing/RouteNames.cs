namespace EdgeCoder.IdeProvider.Routing;

/// <summary>Model ids that name a way and not a model (agent-executor-models 6.5).</summary>
internal static class RouteNames
{
    /// <summary>This machine first, the swarm only where class, key and project allow it.</summary>
    public const string Auto = "edgecoder-auto";

    /// <summary>Never leaves this machine.</summary>
    public const string Local = "edgecoder-local";

    /// <summary>The swarm only.</summary>
    public const string Swarm = "edgecoder-swarm";

    /// <summary>What an answer of the swarm says of its way.</summary>
    public const string SwarmMark = "swarm";

    /// <summary>All of them, in the order of lists.</summary>
    public static readonly IReadOnlyList<string> All = [Auto, Local, Swarm];
}
