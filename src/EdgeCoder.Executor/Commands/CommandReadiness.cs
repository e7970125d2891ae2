using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Commands;

/// <summary>Whether commands can run here, proven; else why not.</summary>
internal sealed record CommandReadiness
{
    /// <summary>The launcher.</summary>
    public LauncherTool? Tool { get; init; }

    /// <summary>Writes its plans.</summary>
    public CommandPlanner? Planner { get; init; }

    /// <summary>What outcomes name.</summary>
    public SandboxIdentity? Identity { get; init; }

    /// <summary>Why there is no isolation.</summary>
    public CommandRefusal? Refusal { get; init; }
}
