using EdgeCoder.Agent.Power;
using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Agent.Tests.Power;

/// <summary>Every row of both tables of coordinator-and-mesh 7, in the column of coordinator work (M7).</summary>
public sealed class PowerGateTests
{
    private const long Now = 1_000_000_000;

    public static TheoryData<string, PowerTelemetry, long, bool, string> Rows => new()
    {
        { "ios", new() { LowPowerMode = true, OnExternalPower = true }, 0, false, "ios_low_power_mode" },
        { "ios", new() { OnExternalPower = true, BatteryLevelPct = 3 }, 0, true, "ios_external_power" },
        { "ios", new() { BatteryLevelPct = 20 }, 0, false, "ios_battery_critical" },
        { "ios", new() { BatteryLevelPct = 21 }, Now - 44_999, false, "ios_on_battery_throttled" },
        { "ios", new() { BatteryLevelPct = 21 }, Now - 45_000, true, "ios_on_battery_lite_mode" },
        { "ios", new(), 0, true, "ios_on_battery_lite_mode" },
        { "linux", new() { DeviceType = "server", CpuUsagePct = 99, ThermalState = "critical" }, 0, true, "server_unlimited" },
        { "linux", new() { DeviceType = "desktop", CpuUsagePct = 85.1 }, 0, false, "high_cpu_defer" },
        { "linux", new() { DeviceType = "desktop", CpuUsagePct = 85 }, 0, true, "desktop_ac_power" },
        { "linux", new() { DeviceType = "desktop", ThermalState = "serious" }, 0, false, "thermal_throttle" },
        { "linux", new() { DeviceType = "laptop", OnACPower = true, BatteryPct = 3 }, 0, true, "desktop_ac_power" },
        { "linux", new() { DeviceType = "laptop" }, 0, true, "desktop_ac_power" },
        { "linux", new() { DeviceType = "laptop", OnACPower = false, BatteryPct = 14.9 }, 0, false, "laptop_battery_critical" },
        { "linux", new() { DeviceType = "laptop", OnACPower = false, BatteryPct = 15 }, 0, true, "laptop_battery_low" },
        { "linux", new() { DeviceType = "laptop", OnACPower = false, BatteryPct = 40 }, 0, true, "laptop_battery_low" },
        { "linux", new() { DeviceType = "laptop", OnACPower = false, BatteryPct = 41 }, 0, true, "laptop_battery_high" },
        { "linux", new() { DeviceType = "laptop", OnACPower = false }, 0, true, "laptop_battery_high" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_row_of_the_policy_decides_as_written(string os, PowerTelemetry telemetry, long lastAssignment, bool allowed, string reason)
    {
        var decision = PowerGate.Decide(os, telemetry, PhoneLimits.Standard, Now, lastAssignment);

        Assert.Equal((allowed, reason, reason == "laptop_battery_low"), (decision.Allowed, decision.Reason, decision.SmallTasksOnly));
    }

    [Fact]
    public void Readings_older_than_two_minutes_count_as_unknown_but_for_the_device()
    {
        var old = new PowerTelemetry { DeviceType = "laptop", OnACPower = false, BatteryPct = 5, CpuUsagePct = 99, UpdatedAtMs = Now - 120_001 };

        Assert.Equal("desktop_ac_power", PowerGate.Decide("linux", old, PhoneLimits.Standard, Now, 0).Reason);
        Assert.Equal("high_cpu_defer", PowerGate.Decide("linux", old with { UpdatedAtMs = Now - 120_000 }, PhoneLimits.Standard, Now, 0).Reason);
        Assert.Equal("server_unlimited", PowerGate.Decide("linux", old with { DeviceType = "server" }, PhoneLimits.Standard, Now, 0).Reason);
    }

    [Fact]
    public void A_reading_from_the_future_counts_as_read_now() =>
        Assert.Equal("laptop_battery_critical", PowerGate.Decide("linux", new() { DeviceType = "laptop", OnACPower = false, BatteryPct = 5, UpdatedAtMs = Now + 999_999 }, PhoneLimits.Standard, Now, 0).Reason);
}
