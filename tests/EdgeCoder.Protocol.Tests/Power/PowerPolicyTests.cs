using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Power;

namespace EdgeCoder.Protocol.Tests.Power;

/// <summary>Every row of coordinator-and-mesh 7 is a case (failure mode M7).</summary>
public sealed class PowerPolicyTests
{
    private const long Now = 1_700_000_000_000;

    public static TheoryData<string, PowerTelemetry, long, bool, bool, int?, bool> Rows => new()
    {
        // Phones.
        { "ios_low_power_mode", Phone(lowPower: true, external: true), 0, false, false, null, false },
        { "ios_external_power", Phone(external: true, level: 5), 0, true, true, null, false },
        { "ios_battery_critical", Phone(level: 20), 0, false, false, null, false },
        { "ios_battery_critical", Phone(level: 20, lowPower: false, external: false), 1, false, false, null, false },
        { "ios_on_battery_throttled", Phone(level: 80), 44_999, false, false, null, false },
        { "ios_on_battery_throttled", Phone(), 1, false, false, null, false },
        { "ios_on_battery_lite_mode", Phone(level: 21), 45_000, true, false, null, false },
        { "ios_on_battery_lite_mode", Phone(), 0, true, false, null, false },

        // All others.
        { "server_unlimited", new() { DeviceType = "server", CpuUsagePct = 99, ThermalState = "critical" }, 0, true, true, null, false },
        { "high_cpu_defer", new() { CpuUsagePct = 85.1, ThermalState = "critical" }, 0, true, true, 5_000, false },
        { "thermal_throttle", new() { CpuUsagePct = 85, ThermalState = "serious", DeviceType = "desktop" }, 0, false, false, null, false },
        { "thermal_throttle", new() { ThermalState = "critical", OnACPower = true }, 0, false, false, null, false },
        { "desktop_ac_power", new() { DeviceType = "desktop", OnACPower = false, BatteryPct = 3 }, 0, true, true, null, false },
        { "desktop_ac_power", new() { DeviceType = "laptop", OnACPower = true, BatteryPct = 3 }, 0, true, true, null, false },
        { "desktop_ac_power", new() { DeviceType = "laptop" }, 0, true, true, null, false },
        { "desktop_ac_power", new() { ThermalState = "fair", CpuUsagePct = 20 }, 0, true, true, null, false },
        { "laptop_battery_critical", new() { OnACPower = false, BatteryPct = 14.9 }, 0, false, false, null, false },
        { "laptop_battery_critical", new() { BatteryPct = 0 }, 0, false, false, null, false },
        { "laptop_battery_low", new() { OnACPower = false, BatteryPct = 15 }, 0, true, false, null, true },
        { "laptop_battery_low", new() { BatteryPct = 40 }, 0, true, false, null, true },
        { "laptop_battery_high", new() { OnACPower = false, BatteryPct = 40.5 }, 0, true, false, null, false },
        { "laptop_battery_high", new() { OnACPower = false }, 0, true, false, null, false },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_row_of_the_policy_decides(string reason, PowerTelemetry telemetry, long sinceAssignmentMs, bool coordinator, bool peer, int? deferMs, bool small)
    {
        var os = reason.StartsWith("ios", StringComparison.Ordinal) ? "ios" : "linux";
        var lastAssignmentMs = sinceAssignmentMs == 0 ? 0 : Now - sinceAssignmentMs;

        var decision = PowerPolicy.Decide(os, PowerReading.Received(telemetry, Now), lastAssignmentMs, Now, new());

        Assert.Equal(new(coordinator, peer, reason, deferMs, small), decision);
    }

    [Fact]
    public void Fields_of_computers_decide_nothing_on_a_phone()
    {
        var telemetry = new PowerTelemetry { DeviceType = "server", CpuUsagePct = 99, ThermalState = "critical", OnACPower = true, BatteryPct = 1 };

        Assert.Equal("ios_on_battery_lite_mode", PowerPolicy.Decide("ios", PowerReading.Received(telemetry, Now), 0, Now, new()).Reason);
    }

    [Theory]
    [InlineData(120_000, "laptop_battery_critical")]
    [InlineData(120_001, "desktop_ac_power")]
    public void Reading_older_than_two_minutes_is_unknown(long ageMs, string reason)
    {
        var telemetry = new PowerTelemetry { OnACPower = false, BatteryPct = 3, UpdatedAtMs = Now - ageMs };

        Assert.Equal(reason, PowerPolicy.Decide("linux", PowerReading.Received(telemetry, Now), 0, Now, new()).Reason);
    }

    [Fact]
    public void Kind_of_machine_does_not_age()
    {
        var reading = PowerReading.Received(new() { DeviceType = "server", CpuUsagePct = 99 }, Now);

        Assert.Equal("server_unlimited", PowerPolicy.Decide("linux", reading, 0, Now + 3_600_000, new()).Reason);
    }

    [Fact]
    public void Reading_from_the_future_counts_from_its_receipt()
    {
        var reading = PowerReading.Received(new() { BatteryPct = 3, UpdatedAtMs = Now + 3_600_000 }, Now);

        Assert.Equal("laptop_battery_critical", PowerPolicy.Decide("linux", reading, 0, Now + 120_000, new()).Reason);
        Assert.Equal("desktop_ac_power", PowerPolicy.Decide("linux", reading, 0, Now + 120_001, new()).Reason);
    }

    [Fact]
    public void Without_any_reading_a_computer_works_and_a_phone_works_lightly()
    {
        Assert.Equal("desktop_ac_power", PowerPolicy.Decide("linux", null, 0, Now, new()).Reason);
        Assert.Equal("ios_on_battery_lite_mode", PowerPolicy.Decide("ios", null, 0, Now, new()).Reason);
    }

    [Fact]
    public void Settings_move_the_limits_of_phones()
    {
        var settings = new PowerSettings { PhoneIntervalMs = 0, PhoneStopLevelPct = 50 };

        Assert.Equal("ios_battery_critical", PowerPolicy.Decide("ios", PowerReading.Received(Phone(level: 50), Now), 0, Now, settings).Reason);
        Assert.Equal("ios_on_battery_lite_mode", PowerPolicy.Decide("ios", PowerReading.Received(Phone(level: 51), Now), Now, Now, settings).Reason);
    }

    private static PowerTelemetry Phone(bool? lowPower = null, bool? external = null, double? level = null) => new() { LowPowerMode = lowPower, OnExternalPower = external, BatteryLevelPct = level };
}
