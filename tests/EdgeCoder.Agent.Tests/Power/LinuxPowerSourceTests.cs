using EdgeCoder.Agent.Power;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Agent.Tests.Power;

/// <summary>The Linux row of coordinator-and-mesh 7, over made-up <c>/sys</c> and <c>/proc</c>.</summary>
public sealed class LinuxPowerSourceTests : IDisposable
{
    private readonly TemporaryDirectory _machine = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_machine_without_batteries_is_a_desktop_on_mains()
    {
        var read = Source().Read();

        Assert.Equal(("desktop", true, null), (read.DeviceType, read.OnACPower, read.BatteryPct));
        Assert.Null(read.CpuUsagePct);
    }

    [Theory]
    [InlineData("sys/class/dmi/id/chassis_type", "23")]
    [InlineData("sys/class/dmi/id/sys_vendor", "QEMU")]
    [InlineData("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse hypervisor lahf_lm")]
    public void A_server_chassis_or_a_virtual_machine_is_a_server(string file, string text)
    {
        _machine.Write(file, text);

        Assert.Equal("server", Source().Read().DeviceType);
    }

    [Fact]
    public void Batteries_are_weighted_by_what_they_hold_and_a_mouse_is_no_battery()
    {
        Supply("BAT0", "Battery", ("capacity", "90"), ("energy_full", "10000000"), ("status", "Discharging"));
        Supply("BAT1", "Battery", ("capacity", "30"), ("energy_full", "30000000"), ("status", "Discharging"), ("scope", "System"));
        Supply("hid-mouse", "Battery", ("capacity", "1"), ("scope", "Device"));
        Supply("AC", "Mains", ("online", "0"));

        var read = Source().Read();

        Assert.Equal(("laptop", false), (read.DeviceType, read.OnACPower));
        Assert.Equal(45, read.BatteryPct!.Value, 6);
    }

    [Theory]
    [InlineData("Discharging", false)]
    [InlineData("Charging", true)]
    [InlineData("Full", true)]
    [InlineData("Not charging", true)]
    [InlineData("Unknown", null)]
    public void Without_a_mains_supply_the_state_of_the_battery_decides(string status, bool? onMains)
    {
        Supply("BAT0", "Battery", ("capacity", "50"), ("status", status));

        Assert.Equal(onMains, Source().Read().OnACPower);
    }

    [Theory]
    [InlineData("60000", "nominal")]
    [InlineData("60001", "fair")]
    [InlineData("75000", "fair")]
    [InlineData("90000", "serious")]
    [InlineData("90001", "critical")]
    [InlineData("rubbish", null)]
    public void The_hottest_processor_zone_gives_the_thermal_state(string temperature, string? state)
    {
        _machine.Write("sys/class/thermal/thermal_zone0/type", "x86_pkg_temp");
        _machine.Write("sys/class/thermal/thermal_zone0/temp", temperature);
        _machine.Write("sys/class/thermal/thermal_zone1/type", "iwlwifi_1");
        _machine.Write("sys/class/thermal/thermal_zone1/temp", "99000");

        Assert.Equal(state, Source().Read().ThermalState);
    }

    [Fact]
    public void Processor_use_is_that_of_the_last_fifteen_seconds_less_the_own_processes()
    {
        var source = Source();
        Processor(busy: 1_000, idle: 1_000);
        Process(100, parent: 1, ticks: 0);
        Process(101, parent: 100, ticks: 50);
        source.Read();
        _time.Advance(TimeSpan.FromSeconds(15));
        Processor(busy: 1_800, idle: 1_200);
        Process(101, parent: 100, ticks: 650);
        Process(300, parent: 1, ticks: 9_999);

        // 800 of 1,000 ticks were busy, 600 of them in a child of this process.
        Assert.Equal(20, source.Read().CpuUsagePct!.Value, 6);
    }

    [Fact]
    public void Memory_use_is_what_is_not_available()
    {
        _machine.Write("proc/meminfo", "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    250 kB\n");

        Assert.Equal(75, Source().Read().MemoryUsagePct!.Value, 6);
    }

    [Fact]
    public void A_file_that_is_not_what_it_should_be_leaves_its_own_field_absent()
    {
        _machine.Write("proc/stat", "nonsense");
        _machine.Write("proc/meminfo", "MemTotal: many");

        var read = Source().Read();

        Assert.Null(read.CpuUsagePct);
        Assert.Null(read.MemoryUsagePct);
        Assert.True(read.OnACPower);
    }

    [Fact]
    public void This_machine_can_be_read()
    {

        Assert.InRange(new LinuxPowerSource(TimeProvider.System).Read().MemoryUsagePct!.Value, 0, 100);
    }

    private LinuxPowerSource Source() => new(_machine["sys"], _machine["proc"], 100, _time);

    private void Supply(string name, string type, params (string Name, string Text)[] files)
    {
        _machine.Write($"sys/class/power_supply/{name}/type", type);
        foreach (var (file, text) in files)
        {
            _machine.Write($"sys/class/power_supply/{name}/{file}", text + "\n");
        }
    }

    private void Processor(long busy, long idle) => _machine.Write("proc/stat", $"cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\ncpu0 1 1 1 1\n");

    private void Process(int id, int parent, long ticks) => _machine.Write($"proc/{id}/stat", $"{id} (a name) with) S {parent} 1 1 0 -1 0 0 0 0 0 {ticks} 0 0 0 20 0 1 0 1 1\n");
}
