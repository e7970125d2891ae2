namespace EdgeCoder.Protocol.Power;

/// <summary>Knobs of the power policy.</summary>
public sealed record PowerSettings
{
    /// <summary><c>IOS_BATTERY_PULL_MIN_INTERVAL_MS</c>: least time between two assignments of a phone on battery.</summary>
    public long PhoneIntervalMs { get; init; } = 45_000;

    /// <summary><c>IOS_BATTERY_TASK_STOP_LEVEL_PCT</c>: a phone on battery at or below this level gets no work. 0 to 100.</summary>
    public double PhoneStopLevelPct { get; init; } = 20;
}
