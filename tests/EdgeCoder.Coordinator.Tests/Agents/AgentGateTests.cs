using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Power;

namespace EdgeCoder.Coordinator.Tests.Agents;

public sealed class AgentGateTests
{
    [Theory]
    [InlineData(AgentStatus.Blacklisted, "agent_blacklisted")]
    [InlineData(AgentStatus.Quarantined, "quarantined")]
    [InlineData(AgentStatus.Suspended, "agent_suspended")]
    [InlineData(AgentStatus.PendingApproval, "agent_pending_approval")]
    [InlineData(AgentStatus.Draining, "agent_draining")]
    internal void State_blocks_before_power(AgentStatus status, string reason)
    {
        var answer = AgentGate.BlockOf(Agent(status, new(false, false, "thermal_throttle")))!;

        Assert.Equal((true, reason, null), (answer.Blocked, answer.Reason, answer.PowerDeferred));
    }

    [Fact]
    public void Power_forbids_and_defers()
    {
        var forbidden = AgentGate.BlockOf(Agent(AgentStatus.Active, new(false, false, "thermal_throttle")))!;
        var deferred = AgentGate.BlockOf(Agent(AgentStatus.Active, new(true, true, "high_cpu_defer", 5_000)))!;

        Assert.Equal((true, "thermal_throttle", null), (forbidden.PowerDeferred, forbidden.Reason, forbidden.DeferMs));
        Assert.Equal((true, "high_cpu_defer", 5_000), (deferred.PowerDeferred, deferred.Reason, deferred.DeferMs));
    }

    [Fact]
    public void Active_agent_with_power_is_let_through()
    {
        Assert.Null(AgentGate.BlockOf(Agent(AgentStatus.Active, new(true, false, "laptop_battery_low", null, true))));
    }

    [Fact]
    public void Banned_agent_is_refused_with_the_reason_of_its_ban()
    {
        var refusal = Assert.Throws<Refusal>(() => AgentGate.RefuseBlacklisted(Agent(AgentStatus.Blacklisted, new(true, true, "x")) with { StatusReason = "forged_results" }));

        Assert.Equal((403, "agent_blacklisted", "forged_results"), (refusal.Status, refusal.Error, refusal.Reason));
    }

    private static AgentFacts Agent(AgentStatus status, PowerDecision power) => new()
    {
        AgentId = "node-a",
        OwnerAccountId = "owner-1",
        RewardAccountId = "owner-1",
        Tenants = [],
        Status = status,
        Verified = true,
        SandboxMode = "namespaces",
        Models = ["m"],
        ModelParameters = 0,
        ModelSwapInProgress = false,
        Loopback = false,
        Power = power,
        Policy = new(false, 1, 0, 0),
        Cv = 0,
        KeyId = "k",
        DeclaredSlots = 1,
    };
}
