using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;
using static EdgeCoder.Coordinator.Tests.Queue.QueueStates;

namespace EdgeCoder.Coordinator.Tests.Queue;

/// <summary>Rules 1 to 21 of coordinator-and-mesh 4.3: one valid case, one thing changed, one rule.</summary>
public sealed class EligibilityTests
{
    [Fact]
    public void An_agent_that_breaks_no_rule_is_eligible() => Assert.Equal(ExclusionRule.None, Eligibility.Judge(Worker(), Subtask(), new FixedMoment()));

    [Fact]
    public void An_unknown_agent_is_the_first_rule() => Assert.Equal(ExclusionRule.AgentUnknown, Eligibility.Judge(null, Subtask(), new FixedMoment()));

    [Theory]
    [InlineData(nameof(AgentStatus.PendingApproval), "agent_pending_approval")]
    [InlineData(nameof(AgentStatus.Blacklisted), "agent_blacklisted")]
    [InlineData(nameof(AgentStatus.Quarantined), "agent_quarantined")]
    [InlineData(nameof(AgentStatus.Suspended), "agent_suspended")]
    [InlineData(nameof(AgentStatus.Offline), "agent_offline")]
    [InlineData(nameof(AgentStatus.Archived), "agent_offline")]
    [InlineData(nameof(AgentStatus.Draining), "agent_draining")]
    public void State_excludes(string status, string rule) =>
        Assert.Equal(rule, Eligibility.Judge(Worker() with { Status = Enum.Parse<AgentStatus>(status) }, Subtask(), new FixedMoment()).Code());

    [Fact]
    public void A_paused_coordinator_excludes_everyone() => Judge(ExclusionRule.CoordinatorPaused, moment: new() { Paused = true });

    [Fact]
    public void A_required_release_excludes_the_unverified() => Judge(ExclusionRule.BinaryIntegrity, a => a with { Verified = false }, moment: new() { RequireVerified = true });

    [Fact]
    public void Team_work_goes_to_no_foreign_owner() => Judge(ExclusionRule.DataClass, a => a with { OwnerAccountId = "b" });

    [Fact]
    public void Team_work_goes_to_no_agent_of_a_peer() => Judge(ExclusionRule.DataClass, a => a with { OfPeer = true });

    [Fact]
    public void Team_work_goes_to_members_of_its_tenant() =>
        Judge(ExclusionRule.None, a => a with { OwnerAccountId = "b", Tenants = ["x"] }, s => s with { TenantId = "x" });

    [Fact]
    public void Mesh_work_goes_to_any_owner() => Judge(ExclusionRule.None, a => a with { OwnerAccountId = "b" }, s => s with { DataClass = SharedDataClass.Mesh });

    [Fact]
    public void Nobody_audits_its_own_work() => Judge(ExclusionRule.OwnerConflict, shape: s => s with { Purpose = LeasePurpose.Audit, Conflicts = "a\nb" });

    [Fact]
    public void Work_that_needs_a_sandbox_goes_to_none_without() => Judge(ExclusionRule.Sandbox, a => a with { SandboxMode = "none" });

    [Fact]
    public void An_agent_without_a_proven_model_is_excluded() => Judge(ExclusionRule.Model, a => a with { Models = [] });

    [Fact]
    public void An_agent_that_exchanges_models_is_excluded() => Judge(ExclusionRule.Model, a => a with { ModelSwapInProgress = true });

    [Fact]
    public void A_demanded_model_excludes_agents_without_it() => Judge(ExclusionRule.Model, shape: s => s with { RequestedModel = "llama", ModelRequired = true });

    [Fact]
    public void A_model_is_named_exactly_or_by_its_family()
    {
        Judge(ExclusionRule.None, shape: s => s with { RequestedModel = "qwen", ModelRequired = true });
        Judge(ExclusionRule.None, shape: s => s with { RequestedModel = "qwen:7b", ModelRequired = true });
        Judge(ExclusionRule.Model, shape: s => s with { RequestedModel = "qwe", ModelRequired = true });
    }

    [Fact]
    public void A_wished_model_is_waited_for_thirty_seconds_when_an_active_agent_has_it()
    {
        var wish = Subtask(shape: s => s with { RequestedModel = "llama" });
        var has = new FixedMoment { Agents = [Worker("agent-2") with { Models = ["llama:3b"] }] };
        Assert.Equal(ExclusionRule.Model, Eligibility.Judge(Worker(), wish with { QueuedAtMs = Now - 29_999 }, has));
        Assert.Equal(ExclusionRule.None, Eligibility.Judge(Worker(), wish with { QueuedAtMs = Now - 30_000 }, has));
        Assert.Equal(ExclusionRule.None, Eligibility.Judge(Worker(), wish, new FixedMoment()));
    }

    [Fact]
    public void Work_that_cannot_be_sealed_goes_only_over_loopback()
    {
        Judge(ExclusionRule.EnvelopeKeyMissing, a => a with { EnvelopeKey = null });
        Judge(ExclusionRule.None, a => a with { EnvelopeKey = null, Loopback = true });
    }

    [Fact]
    public void Power_excludes_and_a_low_battery_takes_small_tasks_only()
    {
        Judge(ExclusionRule.Power, a => a with { Power = new(false, false, "thermal_throttle") });
        Judge(ExclusionRule.Power, a => a with { Power = new(true, true, "high_cpu_defer", 5000) });
        Judge(ExclusionRule.None, a => a with { Power = new(true, false, "laptop_battery_low", null, true) });
        Judge(ExclusionRule.Power, a => a with { Power = new(true, false, "laptop_battery_low", null, true) }, s => s with { Small = false });
    }

    [Theory]
    [InlineData(0, 0, 13, true)]
    [InlineData(9, 17, 9, true)]
    [InlineData(9, 17, 17, false)]
    [InlineData(22, 6, 23, true)]
    [InlineData(22, 6, 5, true)]
    [InlineData(22, 6, 6, false)]
    public void Hours_wrap_at_midnight(int start, int end, int hour, bool allowed)
    {
        var agent = Worker() with { Policy = new(false, 4, start, end) };
        Assert.Equal(allowed, Eligibility.PolicyAllows(agent, (hour * 3_600_000L) + 1));
    }

    [Fact]
    public void Idle_only_needs_a_known_low_load()
    {
        Judge(ExclusionRule.Policy, a => a with { Policy = new(true, 4, 0, 0) });
        Judge(ExclusionRule.Policy, a => a with { Policy = new(true, 4, 0, 0), CpuUsagePct = 20.1 });
        Judge(ExclusionRule.None, a => a with { Policy = new(true, 4, 0, 0), CpuUsagePct = 20 });
    }

    [Fact]
    public void Slots_are_the_stricter_of_declared_and_policy()
    {
        Judge(ExclusionRule.Slots, a => a with { DeclaredSlots = 2 }, moment: new() { Leases = new() { ["agent-1"] = 2 } });
        Judge(ExclusionRule.Slots, a => a with { Policy = new(false, 1, 0, 0) }, moment: new() { Leases = new() { ["agent-1"] = 1 } });
    }

    [Fact]
    public void A_full_project_waits() => Judge(ExclusionRule.Quota, moment: new() { FullProjects = ["default"] });

    [Fact]
    public void A_spent_reservation_leases_nothing() => Judge(ExclusionRule.TaskBudgetExhausted, moment: new() { SpentTasks = ["t-s-1"] });

    [Fact]
    public void One_that_failed_waits_for_another_agent_only_while_there_is_one()
    {
        var failed = Subtask() with { FailedBy = ["agent-1"] };
        Assert.Equal(ExclusionRule.None, Eligibility.Judge(Worker(), failed, new FixedMoment { Agents = [Worker()] }));
        Assert.Equal(ExclusionRule.AttemptedBefore, Eligibility.Judge(Worker(), failed, new FixedMoment { Agents = [Worker(), Worker("agent-2")] }));
        Assert.Equal(ExclusionRule.None, Eligibility.Judge(Worker(), failed, new FixedMoment { Agents = [Worker(), Worker("agent-2") with { Status = AgentStatus.Offline }] }));
    }

    [Fact]
    public void A_pause_is_kept()
    {
        Assert.Equal(ExclusionRule.NotBefore, Eligibility.Judge(Worker(), Subtask() with { NotBeforeMs = Now + 1 }, new FixedMoment()));
        Assert.Equal(ExclusionRule.None, Eligibility.Judge(Worker(), Subtask() with { NotBeforeMs = Now }, new FixedMoment()));
    }

    [Fact]
    public void Every_rule_has_a_code_and_a_message() =>
        Assert.All(Enum.GetValues<ExclusionRule>(), rule => Assert.True(rule.Code().Length > 3 && rule.Message().Length > 10));

    private static void Judge(ExclusionRule expected, Func<AgentFacts, AgentFacts>? agent = null, Func<SubtaskShape, SubtaskShape>? shape = null, FixedMoment? moment = null) =>
        Assert.Equal(expected, Eligibility.Judge((agent ?? (a => a))(Worker()), Subtask(shape: shape), moment ?? new()));
}
