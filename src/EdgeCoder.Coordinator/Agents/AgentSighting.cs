using System.Text.Json;
using EdgeCoder.Protocol.Power;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>What an agent's requests last told, as values.</summary>
internal sealed record AgentSighting
{
    /// <summary>Last valid signed request.</summary>
    public long LastSeenMs { get; init; }

    /// <summary>Last lease granted; 0 when there was none.</summary>
    public long LastAssignmentMs { get; init; }

    /// <summary>Last heartbeat: what follows is from it.</summary>
    public long HeartbeatAtMs { get; init; }

    /// <summary>Slots in use, by its own word.</summary>
    public int BusySlots { get; init; }

    /// <summary>Power readings.</summary>
    public PowerReading? Power { get; init; }

    /// <summary>Model in use.</summary>
    public string? ActiveModel { get; init; }

    /// <summary>Its parameters.</summary>
    public long ActiveModelParamSize { get; init; }

    /// <summary>Whether models are being exchanged.</summary>
    public bool ModelSwapInProgress { get; init; }

    /// <summary>Tokens a second, by its own word.</summary>
    public double DecodeTokensPerSecond { get; init; }

    /// <summary>Of a row.</summary>
    public static AgentSighting Of(AgentSightingRow row) => new()
    {
        LastSeenMs = row.LastSeenMs,
        LastAssignmentMs = row.LastAssignmentMs,
        HeartbeatAtMs = row.HeartbeatAtMs,
        BusySlots = row.BusySlots,
        Power = row.TelemetryJson is { } json && JsonSerializer.Deserialize(json, AgentJson.Default.PowerTelemetry) is { } telemetry ? new(telemetry, row.TelemetryAtMs) : null,
        ActiveModel = row.ActiveModel,
        ActiveModelParamSize = row.ActiveModelParamSize,
        ModelSwapInProgress = row.ModelSwapInProgress,
        DecodeTokensPerSecond = row.DecodeMilliTokens / 1000.0,
    };

    /// <summary>The newer of each part, when two processes have seen the agent.</summary>
    public AgentSighting Join(AgentSighting other)
    {
        var newer = other.HeartbeatAtMs > HeartbeatAtMs ? other : this;
        return newer with
        {
            LastSeenMs = Math.Max(LastSeenMs, other.LastSeenMs),
            LastAssignmentMs = Math.Max(LastAssignmentMs, other.LastAssignmentMs),
        };
    }
}
