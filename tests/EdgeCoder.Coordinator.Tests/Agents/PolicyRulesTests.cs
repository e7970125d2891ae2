using CsCheck;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Coordinator.Tests.Agents;

public sealed class PolicyRulesTests
{
    private static readonly Gen<AllowedHours?> GenHours = Gen.Select(Gen.Bool, Gen.Int[0, 23], Gen.Int[0, 23]).Select((some, start, end) => some ? new AllowedHours(start, end) : null);

    private static readonly Gen<PolicySetting?> GenSetting = Gen.Select(Gen.Bool, Gen.Int[0, 100], Gen.Int[63, 9_000], Gen.Int[0, 2], Gen.Int[-1, 64], GenHours).Select((some, cpu, memory, idle, slots, hours) =>
        some ? new PolicySetting(cpu == 0 ? null : cpu, memory == 63 ? null : memory, idle switch { 0 => null, 1 => true, _ => false }, slots < 0 ? null : slots, hours) : null);

    [Fact]
    public void Without_settings_the_standard_holds()
    {
        Assert.Equal(new AgentPolicy { MaxConcurrentTasks = 3 }, PolicyRules.Join(null, null, null, 3));
    }

    [Fact]
    public void What_is_set_for_an_agent_goes_before_the_fleet_member_by_member()
    {
        var policy = PolicyRules.Join(new(80, 4096, true, 2, new(8, 18)), new(20, null, false, null, null), null, 8);

        Assert.Equal(new() { CpuCapPercent = 20, MemoryLimitMb = 4096, IdleOnly = false, MaxConcurrentTasks = 2, AllowedHours = new(8, 18) }, policy);
    }

    [Fact]
    public void The_stricter_of_operator_and_owner_wins() =>
        Gen.Select(GenSetting, GenSetting, GenSetting, Gen.Int[1, 64]).Sample((fleet, agent, owner, declared) =>
        {
            var both = PolicyRules.Join(fleet, agent, owner, declared);
            var operators = PolicyRules.Join(fleet, agent, null, declared);
            var owners = PolicyRules.Join(null, null, owner, declared);
            Assert.True(both.MaxConcurrentTasks <= operators.MaxConcurrentTasks && both.MaxConcurrentTasks <= owners.MaxConcurrentTasks);
            Assert.True(both.IdleOnly || !(operators.IdleOnly || owners.IdleOnly));
            if (agent?.CpuCapPercent is { } cap && owner?.CpuCapPercent is { } ownCap)
            {
                Assert.Equal(Math.Min(cap, ownCap), both.CpuCapPercent);
            }

            // An hour is allowed only where both allow it.
            if (both.MaxConcurrentTasks > 0)
            {
                Assert.Equal(0u, PolicyRules.Hours(both.AllowedHours) & ~(PolicyRules.Hours(operators.AllowedHours) & PolicyRules.Hours(owners.AllowedHours)));
            }
        });

    [Theory]
    [InlineData(22, 6, 4, 12, 4, 6)]
    [InlineData(8, 18, 0, 0, 8, 18)]
    [InlineData(20, 4, 22, 2, 22, 2)]
    public void Overlap_of_two_ranges_is_their_range(int start, int end, int ownStart, int ownEnd, int from, int to)
    {
        var policy = PolicyRules.Join(null, new(null, null, null, null, new(start, end)), new(null, null, null, null, new(ownStart, ownEnd)), 1);

        Assert.Equal(new AllowedHours(from, to), policy.AllowedHours);
    }

    [Fact]
    public void Hours_that_never_overlap_leave_no_slot()
    {
        var policy = PolicyRules.Join(null, new(null, null, null, null, new(8, 12)), new(null, null, null, null, new(12, 8)), 4);

        Assert.Equal(0, policy.MaxConcurrentTasks);
    }

    [Fact]
    public void Two_overlaps_in_a_day_leave_the_longer()
    {
        var policy = PolicyRules.Join(null, new(null, null, null, null, new(18, 8)), new(null, null, null, null, new(6, 20)), 4);

        Assert.Equal(new AllowedHours(6, 8), policy.AllowedHours);
    }

    [Fact]
    public void Every_range_reads_back_as_the_hours_it_was_made_of() =>
        GenHours.Where(h => h is not null).Sample(hours => PolicyRules.Hours(PolicyRules.Range(PolicyRules.Hours(hours))) == PolicyRules.Hours(hours));
}
