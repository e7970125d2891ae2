using EdgeCoder.Agent.Power;
using EdgeCoder.Protocol.Agents;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Agent.Tests.Power;

public sealed class PowerSamplerTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sample_is_taken_at_most_every_ten_seconds()
    {
        var source = new Source(static () => new() { BatteryPct = 50 });
        using var sampler = new PowerSampler(source, new(), _time);

        await sampler.SampleAsync(Cancel);
        _time.Advance(TimeSpan.FromSeconds(9));
        await sampler.SampleAsync(Cancel);
        Assert.Equal(1, source.Times);
        _time.Advance(TimeSpan.FromSeconds(1));
        await sampler.SampleAsync(Cancel);
        Assert.Equal(2, source.Times);
    }

    [Fact]
    public async Task A_source_that_fails_leaves_its_fields_absent()
    {
        using var sampler = new PowerSampler(new Source(static () => throw new IOException("sick")), new(), _time);

        Assert.Equal(new PowerTelemetry { UpdatedAtMs = _time.GetUtcNow().ToUnixTimeMilliseconds() }, await sampler.SampleAsync(Cancel));
    }

    [Fact]
    public async Task A_source_that_hangs_is_left_after_two_seconds_and_not_asked_by_a_second_thread()
    {
        using var gate = new ManualResetEventSlim();
        using var begun = new SemaphoreSlim(0);
        var source = new Source(() =>
        {
            begun.Release();
            gate.Wait(Cancel);
            return new() { BatteryPct = 1 };
        });
        using var sampler = new PowerSampler(source, new(), _time);

        var first = sampler.SampleAsync(Cancel).AsTask();
        await begun.WaitAsync(Cancel);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null((await first).BatteryPct);
        _time.Advance(TimeSpan.FromSeconds(10));
        var second = sampler.SampleAsync(Cancel).AsTask();
        gate.Set();

        Assert.Equal(1, (await second).BatteryPct);
        Assert.Equal(1, source.Times);
    }

    [Fact]
    public async Task Values_that_are_forced_replace_those_of_the_machine()
    {
        using var sampler = new PowerSampler(new Source(static () => new() { LowPowerMode = false, BatteryLevelPct = 90 }), new() { LowPowerMode = true }, _time);

        var read = await sampler.SampleAsync(Cancel);

        Assert.Equal((true, 90), (read.LowPowerMode, read.BatteryLevelPct));
    }

    [Fact]
    public void A_mac_is_read_from_pmset_and_sysctl()
    {
        var source = new MacPowerSource((program, arguments) => program.EndsWith("pmset", StringComparison.Ordinal)
            ? "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t67%; discharging; 3:12 remaining present: true\n"
            : arguments[1] == "kern.sched_thermr_throttling_level" ? "50\n" : null);

        var read = source.Read();

        Assert.Equal(("laptop", false, 67d, "serious"), (read.DeviceType, read.OnACPower, read.BatteryPct, read.ThermalState));
    }

    private sealed class Source(Func<PowerTelemetry> read) : IPowerSource
    {
        private int _times;

        public int Times => _times;

        public PowerTelemetry Read()
        {
            Interlocked.Increment(ref _times);
            return read();
        }
    }
}
