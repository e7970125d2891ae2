using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Commands.Launching;

/// <summary>
/// Which system calls a project's programs may not make (agent-executor-models 3.7). Compilers, test runners and servers use nearly everything, so this is a list of
/// what they do not get: whatever changes mounts, namespaces or the kernel, looks into other processes, or is known for holes. Nothing is killed: test suites
/// try things and go on. What the kernel learnt after this was written does not exist for them.
/// </summary>
internal static class CommandPolicy
{
    // setxattrat; numbers have been the same on all architectures since 424.
    private const uint FirstUnknownCall = 463;

    private const uint CloneNamespaces = 0x7E020000; // NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
    private const uint SetIdBits = 0xC00; // S_ISUID, S_ISGID
    private const uint OpenCreates = 0x40; // O_CREAT
    private const uint UnixFamily = 1;
    private const uint InternetFamily = 2;
    private const uint Internet6Family = 10;
    private const uint NetlinkFamily = 16;
    private const uint RouteProtocol = 0;

    private const string Refused = """
        ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_getfd
        mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr unshare setns
        open_by_handle_at fanotify_init quotactl quotactl_fd acct swapon swapoff
        kexec_load kexec_file_load init_module finit_module delete_module reboot
        bpf perf_event_open userfaultfd add_key request_key keyctl
        modify_ldt iopl ioperm lookup_dcookie nfsservctl uselib sysfs _sysctl ustat remap_file_pages
        sethostname setdomainname settimeofday clock_settime clock_adjtime adjtimex syslog vhangup
        mbind set_mempolicy set_mempolicy_home_node migrate_pages move_pages
        """;

    // Programs have an older way for each of these.
    private const string Missing = "clone3 io_uring_setup io_uring_enter io_uring_register memfd_secret openat2 fchmodat2";

    /// <summary>The filter as the kernel takes it.</summary>
    public static byte[] Filter(MachineArchitecture architecture) => SeccompFilter.Encode(Program(architecture));

    /// <summary>The filter.</summary>
    public static IReadOnlyList<BpfInstruction> Program(MachineArchitecture architecture) =>
        SeccompFilter.Build(architecture, Rules(), [FirstUnknownCall], SeccompAction.Allow);

    private static IEnumerable<SyscallRule> Rules() =>
    [
        .. Names(Refused).Select(name => new SyscallRule { Name = name, Action = SeccompAction.NotPermitted }),
        .. Names(Missing).Select(name => new SyscallRule { Name = name, Action = SeccompAction.NotImplemented }),
        new() { Name = "clone", Action = SeccompAction.Allow, Alternatives = [[new(0, CloneNamespaces, 0)]] },

        // Local, internet and, for looking at interfaces, routing sockets; nothing of the rest of what the kernel has.
        new()
        {
            Name = "socket",
            Action = SeccompAction.Allow,
            Alternatives =
            [
                [ArgumentCondition.Is(0, UnixFamily)], [ArgumentCondition.Is(0, InternetFamily)], [ArgumentCondition.Is(0, Internet6Family)],
                [ArgumentCondition.Is(0, NetlinkFamily), ArgumentCondition.Is(2, RouteProtocol)],
            ],
            Otherwise = SeccompAction.NoSuchFamily,
        },
        new() { Name = "socketpair", Action = SeccompAction.Allow, Alternatives = [[ArgumentCondition.Is(0, UnixFamily)]], Otherwise = SeccompAction.NoSuchFamily },

        // TIOCSTI, TIOCLINUX and TIOCSETD: input that somebody else would seem to have typed, the console, line disciplines.
        new()
        {
            Name = "ioctl",
            Action = SeccompAction.NotPermitted,
            Alternatives = [[ArgumentCondition.Is(1, 0x5412)], [ArgumentCondition.Is(1, 0x541C)], [ArgumentCondition.Is(1, 0x5423)]],
            Otherwise = SeccompAction.Allow,
        },

        // PER_LINUX, and asking what is set.
        new() { Name = "personality", Action = SeccompAction.Allow, Alternatives = [[ArgumentCondition.Is(0, 0)], [ArgumentCondition.Is(0, uint.MaxValue)]] },

        // No file may come to run as its owner: in the worktree that is a person of this machine.
        WithoutSetId("chmod", 1), WithoutSetId("fchmod", 1), WithoutSetId("fchmodat", 2), WithoutSetId("creat", 1), WithoutSetId("mknod", 1), WithoutSetId("mknodat", 2),
        CreatesWithoutSetId("open", 1), CreatesWithoutSetId("openat", 2),
    ];

    private static SyscallRule WithoutSetId(string name, int mode) =>
        new() { Name = name, Action = SeccompAction.Allow, Alternatives = [[new(mode, SetIdBits, 0)]] };

    // Where nothing is created, the mode is whatever was in the register.
    private static SyscallRule CreatesWithoutSetId(string name, int flags) =>
        new() { Name = name, Action = SeccompAction.Allow, Alternatives = [[new(flags, OpenCreates, 0)], [new(flags + 1, SetIdBits, 0)]] };

    private static string[] Names(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
