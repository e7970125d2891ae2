using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Protocol.Power;

/// <summary>Whether a machine's power allows work (coordinator-and-mesh 7). The first row that matches decides; unknown readings match no row that needs them.</summary>
public static class PowerPolicy
{
    /// <summary>How long an agent with a busy processor waits before it asks again.</summary>
    public const int DeferMs = 5_000;

    private static readonly PowerTelemetry Nothing = new();

    /// <summary>Decides.</summary>
    /// <param name="os">As registered; <c>ios</c> has its own table.</param>
    /// <param name="reading">Last reading; null when there was none.</param>
    /// <param name="lastAssignmentMs">Last lease granted to the agent, 0 when there was none.</param>
    /// <param name="nowMs">Now.</param>
    /// <param name="settings">Knobs.</param>
    public static PowerDecision Decide(string os, PowerReading? reading, long lastAssignmentMs, long nowMs, PowerSettings settings)
    {
        var known = reading?.Known(nowMs) ?? Nothing;
        return os is "ios" ? Phone(known, nowMs - lastAssignmentMs, settings) : Computer(known);
    }

    // Phone fields only: onACPower, temperature and load of a phone decide nothing.
    private static PowerDecision Phone(PowerTelemetry known, long sinceAssignmentMs, PowerSettings settings) => known switch
    {
        { LowPowerMode: true } => new(false, false, "ios_low_power_mode"),
        { OnExternalPower: true } => new(true, true, "ios_external_power"),
        { BatteryLevelPct: { } level } when level <= settings.PhoneStopLevelPct => new(false, false, "ios_battery_critical"),
        _ when sinceAssignmentMs < settings.PhoneIntervalMs => new(false, false, "ios_on_battery_throttled"),
        _ => new(true, false, "ios_on_battery_lite_mode"),
    };

    private static PowerDecision Computer(PowerTelemetry known) => known switch
    {
        { DeviceType: "server" } => new(true, true, "server_unlimited"),
        { CpuUsagePct: > 85 } => new(true, true, "high_cpu_defer", DeferMs),
        { ThermalState: "serious" or "critical" } => new(false, false, "thermal_throttle"),
        { DeviceType: "desktop" } or { OnACPower: true } or { OnACPower: null, BatteryPct: null } => new(true, true, "desktop_ac_power"),
        { BatteryPct: < 15 } => new(false, false, "laptop_battery_critical"),
        { BatteryPct: <= 40 } => new(true, false, "laptop_battery_low", SmallTasksOnly: true),
        _ => new(true, false, "laptop_battery_high"),
    };
}
