namespace EdgeCoder.Coordinator.Agents;

/// <summary>What an agent's requests last told. Written together for many agents every few seconds; a crash loses at most that, and the next heartbeat tells it again.</summary>
internal sealed record AgentSightingRow
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>Last valid signed request.</summary>
    public required long LastSeenMs { get; init; }

    /// <summary>Last lease granted; 0 when there was none.</summary>
    public long LastAssignmentMs { get; init; }

    /// <summary>Last heartbeat: what follows is from it.</summary>
    public long HeartbeatAtMs { get; init; }

    /// <summary>Slots in use, by its own word.</summary>
    public int BusySlots { get; init; }

    /// <summary>Power readings, JSON.</summary>
    public string? TelemetryJson { get; init; }

    /// <summary>When they were read.</summary>
    public long TelemetryAtMs { get; init; }

    /// <summary>Model in use.</summary>
    public string? ActiveModel { get; init; }

    /// <summary>Its parameters.</summary>
    public long ActiveModelParamSize { get; init; }

    /// <summary>Whether models are being exchanged.</summary>
    public bool ModelSwapInProgress { get; init; }

    /// <summary>Its speed in tokens a second, times 1,000.</summary>
    public long DecodeMilliTokens { get; init; }
}
