using EdgeCoder.Diagnosis;

namespace EdgeCoder.Tests.Diagnosis;

public sealed class ExaminationTests
{
    [Theory]
    [InlineData(0, FindingState.Fault)]
    [InlineData(Examination.LeastDisk - 1, FindingState.Fault)]
    [InlineData(Examination.LeastDisk, FindingState.Warning)]
    [InlineData(Examination.EnoughDisk - 1, FindingState.Warning)]
    [InlineData(Examination.EnoughDisk, FindingState.Ok)]
    public void Free_space_decides_what_is_said_of_the_disk(long free, object expected)
    {
        var finding = Examination.DiskSpace("data", free);
        Assert.Equal(expected, finding.State);
        Assert.Equal(finding.State == FindingState.Ok, finding.Remedy is null);
    }
}
