using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Tests.Isolation;

/// <summary>Sizes and offsets as the C headers have them on 64-bit Linux.</summary>
public sealed class NativeLayoutTests
{
    [Fact]
    public void Poll_entry_is_struct_pollfd()
    {
        Assert.Equal(8, Unsafe.SizeOf<PollEntry>());
        Assert.Equal(4, Marshal.OffsetOf<PollEntry>(nameof(PollEntry.Events)));
        Assert.Equal(6, Marshal.OffsetOf<PollEntry>(nameof(PollEntry.Happened)));
    }

    [Fact]
    public void Resource_usage_is_struct_rusage()
    {
        Assert.Equal(144, Unsafe.SizeOf<ResourceUsage>());
        Assert.Equal(32, Marshal.OffsetOf<ResourceUsage>(nameof(ResourceUsage.MaximumResidentKib)));
    }

    [Fact]
    public void Instruction_is_struct_sock_filter()
    {
        var bytes = SeccompFilter.Encode([new(BpfInstruction.JumpIfEqual, 1, 2, 0x04030201)]);

        Assert.Equal([0x15, 0, 1, 2, 1, 2, 3, 4], bytes);
    }
}
