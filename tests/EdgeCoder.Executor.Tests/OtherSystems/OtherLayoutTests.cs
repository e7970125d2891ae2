using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeCoder.Executor.Isolation.AppContainer;
using EdgeCoder.Executor.Isolation.Seatbelt;

namespace EdgeCoder.Executor.Tests.OtherSystems;

/// <summary>Sizes and offsets as the headers of 64-bit Windows and macOS have them; they are the same wherever this runs.</summary>
public sealed class OtherLayoutTests
{
    [Fact]
    public void Startup_information_is_startupinfoexw()
    {
        Assert.Equal(112, Unsafe.SizeOf<StartupInformation>());
        Assert.Equal(60, Offset<StartupInformation>(nameof(StartupInformation.Flags)));
        Assert.Equal(66, Offset<StartupInformation>(nameof(StartupInformation.InheritedSize)));
        Assert.Equal(72, Offset<StartupInformation>(nameof(StartupInformation.Inherited)));
        Assert.Equal(80, Offset<StartupInformation>(nameof(StartupInformation.Input)));
        Assert.Equal(104, Offset<StartupInformation>(nameof(StartupInformation.Attributes)));
    }

    [Fact]
    public void Process_information_is_process_information()
    {
        Assert.Equal(24, Unsafe.SizeOf<ProcessInformation>());
        Assert.Equal(16, Offset<ProcessInformation>(nameof(ProcessInformation.ProcessId)));
    }

    [Fact]
    public void Security_capabilities_are_security_capabilities()
    {
        Assert.Equal(24, Unsafe.SizeOf<SecurityCapabilities>());
        Assert.Equal(16, Offset<SecurityCapabilities>(nameof(SecurityCapabilities.CapabilityCount)));
    }

    [Fact]
    public void Job_limits_are_jobobject_extended_limit_information()
    {
        Assert.Equal(144, Unsafe.SizeOf<JobLimits>());
        Assert.Equal(8, Offset<JobLimits>(nameof(JobLimits.Time)));
        Assert.Equal(16, Offset<JobLimits>(nameof(JobLimits.Flags)));
        Assert.Equal(40, Offset<JobLimits>(nameof(JobLimits.Processes)));
        Assert.Equal(64, Offset<JobLimits>(nameof(JobLimits.Counters)));
        Assert.Equal(112, Offset<JobLimits>(nameof(JobLimits.ProcessMemoryBytes)));
        Assert.Equal(120, Offset<JobLimits>(nameof(JobLimits.JobMemoryBytes)));
        Assert.Equal(136, Offset<JobLimits>(nameof(JobLimits.PeakJobMemory)));
    }

    [Fact]
    public void Job_account_is_jobobject_basic_accounting_information()
    {
        Assert.Equal(48, Unsafe.SizeOf<JobAccount>());
        Assert.Equal(8, Offset<JobAccount>(nameof(JobAccount.KernelTime)));
        Assert.Equal(3, new JobAccount { UserTime = 20_000, KernelTime = 10_000 }.CpuMs);
    }

    [Fact]
    public void Process_usage_of_macos_is_rusage_info_v2()
    {
        Assert.Equal(160, Unsafe.SizeOf<DarwinProcessUsage>());
        Assert.Equal(72, Offset<DarwinProcessUsage>(nameof(DarwinProcessUsage.PhysicalFootprint)));
    }

    private static int Offset<T>(string field) => (int)Marshal.OffsetOf<T>(field);
}
