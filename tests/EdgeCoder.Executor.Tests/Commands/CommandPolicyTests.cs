using CsCheck;
using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Tests.Isolation;
using Xunit;

namespace EdgeCoder.Executor.Tests.Commands;

/// <summary>What the filter of commands decides, on both processors.</summary>
public sealed class CommandPolicyTests
{
    private const uint Refused = SeccompAction.NotPermitted;
    private const uint Missing = SeccompAction.NotImplemented;
    private const uint Allowed = SeccompAction.Allow;

    public static TheoryData<string> Architectures => new("X64", "Arm64");

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Dangerous_calls_are_refused_whatever_their_arguments(string name)
    {
        string[] refused = ["ptrace", "process_vm_readv", "process_vm_writev", "mount", "umount2", "pivot_root", "unshare", "setns", "open_tree", "move_mount", "mount_setattr", "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "kexec_load", "init_module", "finit_module", "open_by_handle_at", "reboot", "chroot", "pidfd_getfd"];
        string[] missing = ["clone3", "io_uring_setup", "io_uring_enter", "io_uring_register", "memfd_secret", "openat2", "fchmodat2"];
        Gen.ULong.Array[6].Sample(arguments =>
        {
            Assert.All(refused, call => Assert.Equal(Refused, Decide(name, call, arguments)));
            Assert.All(missing, call => Assert.Equal(Missing, Decide(name, call, arguments)));
        }, iter: 200);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void What_the_kernel_learns_later_does_not_exist(string name)
    {
        var architecture = Enum.Parse<MachineArchitecture>(name);
        Gen.UInt[463, 0x3FFFFFFF].Sample(number => Assert.Equal(Missing, BpfMachine.Run(CommandPolicy.Program(architecture), architecture.AuditValue(), number, [])));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Foreign_numbers_are_killed(string name)
    {
        var architecture = Enum.Parse<MachineArchitecture>(name);
        var program = CommandPolicy.Program(architecture);
        Assert.Equal(SeccompAction.Kill, BpfMachine.Run(program, 0x40000003, 0, []));
        if (architecture == MachineArchitecture.X64)
        {
            Assert.Equal(SeccompAction.Kill, BpfMachine.Run(program, architecture.AuditValue(), 0x40000000 | 101, []));
            Assert.Equal(SeccompAction.Kill, BpfMachine.Run(program, architecture.AuditValue(), uint.MaxValue, []));
        }
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Arguments_decide_where_they_should(string name)
    {
        Assert.Equal(Allowed, Decide(name, "clone", 17));
        Assert.Equal(Allowed, Decide(name, "clone", 0x3D0F00));
        Assert.All(new ulong[] { 0x10000000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000, 0x00020000 }, flag => Assert.Equal(Refused, Decide(name, "clone", 17 | flag)));
        Assert.All(new ulong[] { 1, 2, 10 }, family => Assert.Equal(Allowed, Decide(name, "socket", family, 1, 0)));
        Assert.Equal(Allowed, Decide(name, "socket", 16, 3, 0));
        Assert.All(new ulong[] { 0, 3, 17, 38, 40, 44 }, family => Assert.Equal(SeccompAction.NoSuchFamily, Decide(name, "socket", family, 1, 0)));
        Assert.Equal(SeccompAction.NoSuchFamily, Decide(name, "socket", 16, 3, 15));
        Assert.Equal(SeccompAction.NoSuchFamily, Decide(name, "socketpair", 2));

        // The kernel reads a request as 32 bits: what stands above must not get past.
        Assert.All(new ulong[] { 0x5412, 0x541C, 0x5423, 0xDEAD_0000_5412 }, request => Assert.Equal(Refused, Decide(name, "ioctl", 0, request)));
        Assert.Equal(Allowed, Decide(name, "ioctl", 0, 0x5401));
        Assert.Equal((Allowed, Refused), (Decide(name, "fchmodat", 0, 0, 0x1ED), Decide(name, "fchmodat", 0, 0, 0x9ED)));
        Assert.Equal((Allowed, Refused, Allowed), (Decide(name, "openat", 0, 0, 0x41, 0x1B6), Decide(name, "openat", 0, 0, 0x41, 0x9B6), Decide(name, "openat", 0, 0, 0, 0x9B6)));
    }

    [Fact]
    public void Filter_fits_the_kernel() => Assert.All(new[] { MachineArchitecture.X64, MachineArchitecture.Arm64 }, architecture => Assert.InRange(CommandPolicy.Filter(architecture).Length / 8, 80, 4096));

    private static uint Decide(string name, string call, params ulong[] arguments)
    {
        var architecture = Enum.Parse<MachineArchitecture>(name);
        return BpfMachine.Run(CommandPolicy.Program(architecture), architecture.AuditValue(), (uint)SyscallTable.Number(call, architecture)!.Value, arguments);
    }
}
