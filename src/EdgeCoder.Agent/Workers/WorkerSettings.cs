using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Power;

namespace EdgeCoder.Agent.Workers;

/// <summary>How a worker presents itself and how much it does (environment.md 6).</summary>
public sealed record WorkerSettings
{
    /// <summary>The enrolled node id.</summary>
    public required string AgentId { get; init; }

    /// <summary>One use; null once the key is bound.</summary>
    public string? RegistrationToken { get; init; }

    /// <summary>debian, ubuntu, linux, windows, macos, ios, android.</summary>
    public required string Os { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Version { get; init; }

    /// <summary><c>swarm-only</c> (default) or <c>ide-enabled</c>.</summary>
    public string Mode { get; init; } = "swarm-only";

    /// <summary>1 to 64.</summary>
    public string ClientType { get; init; } = "edgecoder-native";

    /// <summary>3 to 128; null: none.</summary>
    public string? DeviceId { get; init; }

    /// <summary>What the program says of itself at registration; asked each time, off the caller's thread. Null: nothing is said.</summary>
    public Func<BinaryIntegrity?>? Integrity { get; init; }

    /// <summary>Slots, used in parallel, 1 to 64.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>The phone's rows of the power policy.</summary>
    public PowerSettings Phone { get; init; } = new();

    /// <summary>Longest wait of a pull. Default 30 s.</summary>
    public TimeSpan PullWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Pace of heartbeats. Default 15 s.</summary>
    public TimeSpan HeartbeatPace { get; init; } = TimeSpan.FromSeconds(15);
}
