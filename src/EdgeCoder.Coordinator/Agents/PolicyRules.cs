using System.Numerics;
using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>What an operator or an owner sets; absent members leave the standard.</summary>
/// <param name="CpuCapPercent">1 to 100.</param>
/// <param name="MemoryLimitMb">64 to 1,048,576.</param>
/// <param name="IdleOnly">Only when the machine is idle.</param>
/// <param name="MaxConcurrentTasks">0 to 64.</param>
/// <param name="AllowedHours">Hours in UTC.</param>
internal sealed record PolicySetting(int? CpuCapPercent, int? MemoryLimitMb, bool? IdleOnly, int? MaxConcurrentTasks, AllowedHours? AllowedHours);

/// <summary>The policy in force: the stricter of operator and owner wins (coordinator-and-mesh 3.2).</summary>
internal static class PolicyRules
{
    private const uint EveryHour = (1u << 24) - 1;

    /// <summary>Joins what was set. The operator's word for an agent goes before the one for the fleet, member by member.</summary>
    /// <param name="fleet">Operator, for all agents.</param>
    /// <param name="agent">Operator, for this one.</param>
    /// <param name="owner">Owner.</param>
    /// <param name="declaredSlots">Slots that the agent declared: the standard, and the most.</param>
    public static AgentPolicy Join(PolicySetting? fleet, PolicySetting? agent, PolicySetting? owner, int declaredSlots)
    {
        var standard = new AgentPolicy();
        var cpu = agent?.CpuCapPercent ?? fleet?.CpuCapPercent;
        var memory = agent?.MemoryLimitMb ?? fleet?.MemoryLimitMb;
        var slots = agent?.MaxConcurrentTasks ?? fleet?.MaxConcurrentTasks;
        var hours = Hours(agent?.AllowedHours ?? fleet?.AllowedHours) & Hours(owner?.AllowedHours);
        return new()
        {
            CpuCapPercent = Least(cpu, owner?.CpuCapPercent) ?? standard.CpuCapPercent,
            MemoryLimitMb = Least(memory, owner?.MemoryLimitMb) ?? standard.MemoryLimitMb,
            IdleOnly = (agent?.IdleOnly ?? fleet?.IdleOnly ?? false) || (owner?.IdleOnly ?? false),
            MaxConcurrentTasks = hours == 0 ? 0 : Math.Min(Least(slots, owner?.MaxConcurrentTasks) ?? declaredSlots, declaredSlots),
            AllowedHours = Range(hours),
        };
    }

    /// <summary>Hours as bits. Equal hours mean always; start after end wraps midnight.</summary>
    internal static uint Hours(AllowedHours? hours)
    {
        if (hours is null || hours.StartHourUtc == hours.EndHourUtc)
        {
            return EveryHour;
        }

        var bits = 0u;
        for (var hour = hours.StartHourUtc; hour != hours.EndHourUtc; hour = (hour + 1) % 24)
        {
            bits |= 1u << hour;
        }

        return bits;
    }

    /// <summary>
    /// The longest range without a gap, the earliest of equals. Two sets of hours can overlap twice a day, which one range cannot say; giving up the
    /// shorter overlap is stricter than both, which is allowed. No hour at all is said by no slots.
    /// </summary>
    internal static AllowedHours Range(uint hours)
    {
        if (hours is EveryHour or 0)
        {
            return new(0, 0);
        }

        var (best, length) = (0, 0);
        for (var start = 0; start < 24; start++)
        {
            var turned = ((hours >> start) | (hours << (24 - start))) & EveryHour;
            var run = BitOperations.TrailingZeroCount(~turned);
            if (run > length)
            {
                (best, length) = (start, run);
            }
        }

        return new(best, (best + length) % 24);
    }

    private static int? Least(int? one, int? other) => one is { } a && other is { } b ? Math.Min(a, b) : one ?? other;
}
