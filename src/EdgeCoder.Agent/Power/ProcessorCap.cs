using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Agent.Power;

/// <summary>
/// What becomes of <c>cpuCapPercent</c> of a policy. The sandbox limits the processor time of each run and how many runs there are; a share of the machine needs control
/// groups, which it does not have. So the cap is not held here, and whoever set one is told, with what holds it.
/// </summary>
public static class ProcessorCap
{
    private static readonly int Usual = new AgentPolicy().CpuCapPercent;

    /// <summary>Words for a policy with a cap that somebody chose; null for one that asks for nothing beyond the usual.</summary>
    /// <param name="policy">The policy in force.</param>
    /// <param name="processors">Processors of this machine; 1 or more.</param>
    public static string? Notice(AgentPolicy policy, int processors) => policy.CpuCapPercent >= Usual
        ? null
        : $"The policy allows {policy.CpuCapPercent} % of the processors, and this worker's sandbox cannot hold a share: it limits the processor time of each run and the number of runs. "
          + $"To hold it, run the worker in a control group: systemd-run --user -p CPUQuota={policy.CpuCapPercent * processors}% edgecoder worker run";
}
