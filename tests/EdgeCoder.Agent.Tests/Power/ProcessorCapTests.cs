using EdgeCoder.Agent.Power;

namespace EdgeCoder.Agent.Tests.Power;

/// <summary>A cap that is not held is said not to be held.</summary>
public sealed class ProcessorCapTests
{
    [Theory]
    [InlineData(20, 2, "CPUQuota=40%")]
    [InlineData(49, 16, "CPUQuota=784%")]
    [InlineData(1, 1, "CPUQuota=1%")]
    public void Cap_that_somebody_chose_is_told_with_what_holds_it(int percent, int processors, string quota)
    {
        var words = ProcessorCap.Notice(new() { CpuCapPercent = percent }, processors);

        Assert.Contains($"allows {percent} %", words);
        Assert.Contains("cannot hold a share", words);
        Assert.Contains(quota, words);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(100)]
    public void Usual_policy_says_nothing(int percent) => Assert.Null(ProcessorCap.Notice(new() { CpuCapPercent = percent }, 2));
}
