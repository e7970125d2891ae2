using System.Buffers.Binary;
using CsCheck;
using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Tests.Isolation;

public sealed class SeccompFilterTests
{
    private static readonly ulong[] NoArguments = [];

    // The kernel's limit (linux/bpf_common.h, BPF_MAXINSNS).
    private const int MaximumInstructions = 4096;

    public static TheoryData<string> Architectures => new("X64", "Arm64");

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Program_fits_the_kernel_and_every_jump_lands_inside(string name)
    {
        var program = Build(name);

        Assert.InRange(program.Count, 100, MaximumInstructions);
        Assert.All(Enumerable.Range(0, program.Count), at =>
        {
            if (program[at].Code is BpfInstruction.JumpIfEqual or BpfInstruction.JumpIfAtLeast)
            {
                Assert.True(at + 1 + Math.Max(program[at].JumpTrue, program[at].JumpFalse) < program.Count);
            }
        });
        Assert.Equal(BpfInstruction.Return, program[^1].Code);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Decision_for_every_number_is_what_the_policy_says(string name)
    {
        var architecture = Enum.Parse<MachineArchitecture>(name);
        var program = Build(name);
        var rules = SeccompPolicy.For(SeccompPolicy.BubblewrapProgramPid).Where(rule => SyscallTable.Number(rule.Name, architecture) is not null).ToDictionary(rule => (uint)SyscallTable.Number(rule.Name, architecture)!);

        Gen.Select(Gen.UInt[0, 600], Gen.ULong.Array[6], Gen.Int[0, 5]).Sample(
            (number, arguments, shape) =>
            {
                // Random arguments hardly ever meet a condition: sometimes one of the rule's own alternatives is put in.
                var rule = rules.GetValueOrDefault(number);
                if (rule is { Alternatives.Count: > 0 } && shape > 0)
                {
                    foreach (var condition in rule.Alternatives[shape % rule.Alternatives.Count])
                    {
                        var part = ((ulong)condition.Mask << (condition.UpperHalf ? 32 : 0), (ulong)condition.Value << (condition.UpperHalf ? 32 : 0));
                        arguments[condition.Argument] = (arguments[condition.Argument] & ~part.Item1) | part.Item2;
                    }
                }

                var expected = rule is null ? SeccompAction.NotPermitted
                    : rule.Alternatives.Count == 0 || rule.Alternatives.Any(set => set.All(condition => Holds(condition, arguments))) ? rule.Action : rule.Otherwise;
                Assert.Equal(expected, BpfMachine.Run(program, architecture.AuditValue(), number, arguments));
            },
            iter: 20_000);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Foreign_architecture_is_killed(string name)
    {
        var program = Build(name);

        Assert.All([0u, 0x40000003u, 0xC000003Eu, 0xC00000B7u], foreign =>
        {
            if (foreign != Enum.Parse<MachineArchitecture>(name).AuditValue())
            {
                Assert.Equal(SeccompAction.Kill, BpfMachine.Run(program, foreign, 0, NoArguments));
            }
        });
    }

    [Fact]
    public void X32_calls_are_killed() =>
        Assert.All([0x40000000u, 0x40000001u, 0x40000208u, 0xFFFFFFFFu], number => Assert.Equal(SeccompAction.Kill, Decide(number)));

    [Theory]
    [InlineData("execve")]
    [InlineData("fork")]
    [InlineData("vfork")]
    [InlineData("socket")]
    [InlineData("connect")]
    [InlineData("bind")]
    [InlineData("memfd_create")]
    [InlineData("setuid")]
    [InlineData("mknod")]
    [InlineData("capset")]
    [InlineData("setsid")]
    [InlineData("sendmsg")]
    [InlineData("rt_sigqueueinfo")]
    [InlineData("tkill")]
    [InlineData("seccomp")]
    public void Refused_calls_give_an_error(string name) => Assert.Equal(SeccompAction.NotPermitted, Decide(name));

    [Theory]
    [InlineData("ptrace")]
    [InlineData("mount")]
    [InlineData("unshare")]
    [InlineData("setns")]
    [InlineData("bpf")]
    [InlineData("userfaultfd")]
    [InlineData("process_vm_readv")]
    [InlineData("pidfd_getfd")]
    [InlineData("open_by_handle_at")]
    [InlineData("keyctl")]
    [InlineData("personality")]
    public void Calls_that_no_program_makes_end_it(string name) => Assert.Equal(SeccompAction.Kill, Decide(name));

    [Fact]
    public void Only_threads_can_be_cloned()
    {
        Assert.Equal(SeccompAction.Allow, Decide("clone", 0x3D0F00)); // glibc's pthread_create
        Assert.Equal(SeccompAction.NotPermitted, Decide("clone", 17)); // fork
        Assert.Equal(SeccompAction.NotPermitted, Decide("clone", 0x3D0F00 | 0x10000000)); // a user namespace
        Assert.Equal(SeccompAction.NotImplemented, Decide("clone3"));
    }

    [Fact]
    public void Shared_anonymous_memory_is_refused()
    {
        Assert.Equal(SeccompAction.Allow, Decide("mmap", 0, 4096, 3, 0x22));
        Assert.Equal(SeccompAction.Allow, Decide("mmap", 0, 4096, 1, 0x01));
        Assert.Equal(SeccompAction.NotPermitted, Decide("mmap", 0, 4096, 3, 0x21));
        Assert.Equal(SeccompAction.NotPermitted, Decide("mmap", 0, 4096, 3, 0x23));
    }

    [Fact]
    public void Execveat_is_for_the_interpreter_s_descriptor_only()
    {
        Assert.Equal(SeccompAction.Allow, Decide("execveat", 1000, 1, 2, 3, 0x1000));
        Assert.Equal(SeccompAction.NotPermitted, Decide("execveat", 5, 1, 2, 3, 0x1000));
        Assert.Equal(SeccompAction.NotPermitted, Decide("execveat", 1000, 1, 2, 3, 0));
    }

    [Fact]
    public void Signals_go_to_the_program_itself_only()
    {
        Assert.Equal(SeccompAction.Allow, Decide("tgkill", SeccompPolicy.BubblewrapProgramPid, 5, 6));
        Assert.All(new ulong[] { 0, 1, 3, ulong.MaxValue }, pid => Assert.Equal(SeccompAction.NotPermitted, Decide("kill", pid, 9)));
    }

    [Fact]
    public void Descriptor_cannot_be_made_to_signal_anybody()
    {
        Assert.All(new ulong[] { 8, 10, 15, 1024, 1026 }, command => Assert.Equal(SeccompAction.NotPermitted, Decide("fcntl", 3, command))); // F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY
        Assert.All(new ulong[] { 0, 1, 2, 3, 4, 6, 1030 }, command => Assert.Equal(SeccompAction.Allow, Decide("fcntl", 3, command)));
    }

    [Fact]
    public void Without_files_of_its_own_a_program_changes_no_mode_and_no_time()
    {
        var filter = SeccompFilter.Build(MachineArchitecture.X64, SeccompPolicy.For(1, ownFiles: false));

        Assert.All(new[] { "chmod", "fchmod", "fchmodat", "utime", "utimes", "utimensat", "futimesat" }, name =>
        {
            Assert.Equal(SeccompAction.NotPermitted, BpfMachine.Run(filter, MachineArchitecture.X64.AuditValue(), (uint)SyscallTable.Number(name, MachineArchitecture.X64)!, NoArguments));
            Assert.Equal(SeccompAction.Allow, Decide(name));
        });
    }

    [Fact]
    public void Unknown_process_id_stands_where_signals_are_and_nowhere_else()
    {
        var filter = SeccompFilter.Build(MachineArchitecture.X64, SeccompPolicy.For(SeccompPolicy.UnknownPid));
        var bytes = SeccompFilter.Encode(filter);
        foreach (var offset in SeccompFilter.PidOffsets(filter))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), 4711);
        }

        Assert.Equal(2, SeccompFilter.PidOffsets(filter).Count);
        Assert.Equal(SeccompFilter.Encode(SeccompFilter.Build(MachineArchitecture.X64, SeccompPolicy.For(4711))), bytes);
    }

    [Fact]
    public void Send_with_an_address_is_refused_whichever_half_of_the_pointer_is_set()
    {
        Assert.Equal(SeccompAction.Allow, Decide("sendto", 3, 1, 1, 0, 0, 0));
        Assert.Equal(SeccompAction.NotPermitted, Decide("sendto", 3, 1, 1, 0, 0x1000, 16));
        Assert.Equal(SeccompAction.NotPermitted, Decide("sendto", 3, 1, 1, 0, 0x100000000, 16));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void No_number_stands_for_two_calls(string name)
    {
        var architecture = Enum.Parse<MachineArchitecture>(name);
        var numbers = SyscallTable.Names.Select(call => SyscallTable.Number(call, architecture)).OfType<int>().ToList();

        Assert.Equal(numbers.Count, numbers.Distinct().Count());
    }

    [Fact]
    public void No_call_has_two_rules() => Assert.Equal(SeccompPolicy.For(SeccompPolicy.BubblewrapProgramPid).Count, SeccompPolicy.For(SeccompPolicy.BubblewrapProgramPid).Select(rule => rule.Name).Distinct().Count());

    [Fact]
    public void Machine_notices_a_filter_that_allows_what_the_policy_refuses()
    {
        var weak = SeccompFilter.Build(MachineArchitecture.X64, [.. SeccompPolicy.For(SeccompPolicy.BubblewrapProgramPid), new SyscallRule { Name = "socket", Action = SeccompAction.Allow }]);

        Assert.Equal(SeccompAction.Allow, BpfMachine.Run(weak, MachineArchitecture.X64.AuditValue(), (uint)SyscallTable.Number("socket", MachineArchitecture.X64)!, NoArguments));
    }

    private static bool Holds(ArgumentCondition condition, ulong[] arguments) =>
        ((uint)(arguments[condition.Argument] >> (condition.UpperHalf ? 32 : 0)) & condition.Mask) == condition.Value;

    private static IReadOnlyList<BpfInstruction> Build(string architecture) => SeccompFilter.Build(Enum.Parse<MachineArchitecture>(architecture), SeccompPolicy.For(SeccompPolicy.BubblewrapProgramPid));

    private static uint Decide(string name, params ulong[] arguments) => Decide((uint)SyscallTable.Number(name, MachineArchitecture.X64)!, arguments);

    private static uint Decide(uint number, params ulong[] arguments) => BpfMachine.Run(Build("X64"), MachineArchitecture.X64.AuditValue(), number, arguments);
}
