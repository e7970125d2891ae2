using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Agent.Power;

/// <summary>What the power policy lets this agent do now.</summary>
/// <param name="Allowed">Whether it may ask for leases.</param>
/// <param name="Reason">Code of the row that matched.</param>
/// <param name="SmallTasksOnly">Only subtasks with timeoutMs of at most 10,000.</param>
/// <param name="Defer">With <c>high_cpu_defer</c>: when to look again.</param>
public readonly record struct PowerPermission(bool Allowed, string Reason, bool SmallTasksOnly = false, TimeSpan? Defer = null);

/// <summary>Settings of the phone's rows.</summary>
/// <param name="StopLevelPct"><c>IOS_BATTERY_TASK_STOP_LEVEL_PCT</c>, 0 to 100.</param>
/// <param name="PullInterval"><c>IOS_BATTERY_PULL_MIN_INTERVAL_MS</c>.</param>
public readonly record struct PhoneLimits(double StopLevelPct, TimeSpan PullInterval)
{
    /// <summary>20 % and 45 s.</summary>
    public static PhoneLimits Standard { get; } = new(20, TimeSpan.FromSeconds(45));
}

/// <summary>
/// The agent's side of the power policy: the column of coordinator work in both tables of coordinator-and-mesh 7, first match wins. The coordinator has its own; an
/// agent that is refused here does not even ask. Pure.
/// </summary>
public static class PowerGate
{
    /// <summary>Readings older than this count as unknown; the device type does not age.</summary>
    public static readonly TimeSpan MostAge = TimeSpan.FromSeconds(120);

    /// <summary>Decides.</summary>
    /// <param name="os">Operating system as registered.</param>
    /// <param name="telemetry">The last readings; null: none.</param>
    /// <param name="limits">Settings of phones.</param>
    /// <param name="nowMs">Now.</param>
    /// <param name="lastAssignmentMs">When the last lease came; 0: never.</param>
    public static PowerPermission Decide(string os, PowerTelemetry? telemetry, PhoneLimits limits, long nowMs, long lastAssignmentMs)
    {
        var read = Current(telemetry ?? new(), nowMs);
        return os == "ios" ? Phone(read, limits, nowMs, lastAssignmentMs) : Other(read);
    }

    private static PowerPermission Phone(PowerTelemetry read, PhoneLimits limits, long nowMs, long lastAssignmentMs) => read switch
    {
        { LowPowerMode: true } => new(false, "ios_low_power_mode"),
        { OnExternalPower: true } => new(true, "ios_external_power"),
        { BatteryLevelPct: { } level } when level <= limits.StopLevelPct => new(false, "ios_battery_critical"),
        _ when nowMs - lastAssignmentMs < limits.PullInterval.TotalMilliseconds =>
            new(false, "ios_on_battery_throttled", Defer: limits.PullInterval - TimeSpan.FromMilliseconds(Math.Max(0, nowMs - lastAssignmentMs))),
        _ => new(true, "ios_on_battery_lite_mode"),
    };

    private static PowerPermission Other(PowerTelemetry read) => read switch
    {
        { DeviceType: "server" } => new(true, "server_unlimited"),
        { CpuUsagePct: > 85 } => new(false, "high_cpu_defer", Defer: TimeSpan.FromSeconds(5)),
        { ThermalState: "serious" or "critical" } => new(false, "thermal_throttle"),
        { DeviceType: "desktop" } or { OnACPower: true } or { OnACPower: null, BatteryPct: null } => new(true, "desktop_ac_power"),
        { BatteryPct: < 15 } => new(false, "laptop_battery_critical"),
        { BatteryPct: <= 40 } => new(true, "laptop_battery_low", SmallTasksOnly: true),
        _ => new(true, "laptop_battery_high"),
    };

    private static PowerTelemetry Current(PowerTelemetry telemetry, long nowMs)
    {
        var at = telemetry.UpdatedAtMs is { } told && told <= nowMs ? told : nowMs;
        return nowMs - at > MostAge.TotalMilliseconds ? new() { DeviceType = telemetry.DeviceType } : telemetry;
    }
}
