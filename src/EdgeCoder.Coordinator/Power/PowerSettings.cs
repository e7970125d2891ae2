namespace EdgeCoder.Coordinator.Power;

/// <summary>Knobs of the power policy.</summary>
internal sealed record PowerSettings
{
    /// <summary><c>IOS_BATTERY_PULL_MIN_INTERVAL_MS</c>: least time between two assignments of a phone on battery.</summary>
    public long PhoneIntervalMs { get; init; } = 45_000;

    /// <summary><c>IOS_BATTERY_TASK_STOP_LEVEL_PCT</c>: a phone on battery at or below this level gets no work.</summary>
    public double PhoneStopLevelPct { get; init; } = 20;
}
