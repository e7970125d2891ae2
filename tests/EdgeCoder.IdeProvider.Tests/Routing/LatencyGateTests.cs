using EdgeCoder.IdeProvider.Routing;

namespace EdgeCoder.IdeProvider.Tests.Routing;

public sealed class LatencyGateTests
{
    [Fact]
    public void Nothing_is_estimated_before_three_samples()
    {
        var gate = new LatencyGate(8_000);
        gate.Add(90_000, 0);
        gate.Add(90_000, 1);
        Assert.Equal((0, GateState.Open), (gate.EstimateMs(2), gate.State(2)));
        gate.Add(90_000, 2);
        Assert.Equal(162_000, gate.EstimateMs(3));
    }

    [Fact]
    public void The_estimate_is_1_8_times_the_average()
    {
        var gate = new LatencyGate(8_000);
        gate.Add(1_000, 0);
        gate.Add(2_000, 0);
        gate.Add(3_000, 0);
        // 1000; 0.2·2000 + 0.8·1000 = 1200; 0.2·3000 + 0.8·1200 = 1560; times 1.8.
        Assert.Equal(2_808, gate.EstimateMs(0));
    }

    [Fact]
    public void A_closed_gate_lets_one_call_in_half_a_minute_try_and_its_success_opens()
    {
        var gate = Closed();
        Assert.True(gate.Admits(10));
        Assert.False(gate.Admits(29_000));
        Assert.Equal(GateState.Closed, gate.State(29_000));
        Assert.Equal(GateState.HalfOpen, gate.State(30_010));
        Assert.True(gate.Admits(30_010));
        gate.Add(500, 31_000);
        Assert.True(gate.Admits(31_001));
        Assert.True(gate.Admits(31_002));
        Assert.Equal(900, gate.EstimateMs(31_002));
    }

    [Fact]
    public void Three_slow_answers_are_forgotten_with_time()
    {
        var gate = Closed();
        Assert.Equal(36_000, gate.EstimateMs(59_000));
        Assert.Equal(18_000, gate.EstimateMs(60_002));
        Assert.Equal(9_000, gate.EstimateMs(120_002));
        Assert.Equal((4_500, GateState.Open), (gate.EstimateMs(180_002), gate.State(180_002)));
        Assert.Equal((0, 0), (gate.EstimateMs(300_010), gate.Samples(300_010)));
    }

    private static LatencyGate Closed()
    {
        var gate = new LatencyGate(8_000);
        for (var n = 0; n < 3; n++)
        {
            gate.Add(20_000, n);
        }

        return gate;
    }
}
