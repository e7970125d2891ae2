using CsCheck;
using EdgeCoder.Agent.Calls;

namespace EdgeCoder.Inference.Tests.Providers;

public sealed class CallTimesTests
{
    [Fact]
    public void Limits_follow_the_measured_speed()
    {
        var times = CallTimes.For(new(TimeSpan.FromSeconds(2), PrefillPerSecond: 100, DecodePerSecond: 2), promptTokens: 1000, maxOutputTokens: 100);

        Assert.Equal((37, 15, 187), (times.FirstToken.TotalSeconds, times.Stall.TotalSeconds, times.Total.TotalSeconds));
    }

    [Fact]
    public void Stall_is_never_below_ten_seconds() =>
        Assert.Equal(10, CallTimes.For(new(TimeSpan.Zero, 1000, 1000), 1, 1).Stall.TotalSeconds);

    [Fact]
    public void Any_speed_gives_limits_in_order_and_no_overflow() =>
        Gen.Select(Gen.Double[0.01, 1e6], Gen.Double[0.01, 1e6], Gen.Int[0, 1 << 20], Gen.Int[0, int.MaxValue]).Sample((prefill, decode, prompt, output) =>
        {
            var times = CallTimes.For(new(TimeSpan.FromSeconds(1), prefill, decode), prompt, output);
            return times.FirstToken > TimeSpan.Zero && times.Total >= times.FirstToken && times.Total <= TimeSpan.FromDays(1);
        });
}
