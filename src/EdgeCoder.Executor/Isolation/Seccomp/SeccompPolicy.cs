namespace EdgeCoder.Executor.Isolation.Seccomp;

/// <summary>
/// Which system calls a snippet's interpreter may make. Three classes: what CPython and node need is allowed, some of it by argument;
/// what no ordinary program ever calls ends the process, so that the host can say <c>blocked_syscall</c>; everything else is refused with EPERM,
/// which interpreters turn into an exception.
/// </summary>
internal static class SeccompPolicy
{
    /// <summary>Process id of the program in its own namespace under bubblewrap: the reaper is 1 and forks exactly once. The self-test proves the number.</summary>
    public const uint BubblewrapProgramPid = 2;

    /// <summary>
    /// Stands for a process id that is known only when the program is started: whoever installs the filter puts the number in (<see cref="SeccompFilter.PidOffsets"/>).
    /// It is above every process id that the kernel gives (PID_MAX_LIMIT), so a filter in which nobody did allows no signal at all.
    /// </summary>
    public const uint UnknownPid = 0x50_49_44_21;

    /// <summary>
    /// Descriptor of the interpreter while it is being started. It lies above the open-files limit, so the program can never put anything there,
    /// and it closes on exec: the one execveat that the filter accepts cannot happen twice.
    /// </summary>
    public const int InterpreterDescriptor = 1000;

    private const uint CloneThread = 0x00010000;
    private const uint CloneNamespaces = 0x7E020000; // NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
    private const uint MapShared = 0x01;
    private const uint MapAnonymous = 0x20;
    private const uint AtEmptyPath = 0x1000;
    private const uint UnixFamily = 1;

    private const string Allowed = """
        read write readv writev pread64 pwrite64 preadv pwritev lseek open openat close close_range creat dup dup2 dup3 pipe pipe2
        stat lstat fstat newfstatat statx statfs fstatfs access faccessat faccessat2 readlink readlinkat getdents getdents64 getcwd chdir fchdir
        truncate ftruncate fallocate fadvise64 fsync fdatasync sendfile copy_file_range flock umask
        rename renameat renameat2 mkdir mkdirat rmdir link linkat unlink unlinkat symlink symlinkat
        munmap mprotect brk mremap madvise msync mincore
        poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2
        futex set_robust_list get_robust_list set_tid_address rseq membarrier sched_yield sched_getaffinity sched_getparam sched_getscheduler
        sched_get_priority_max sched_get_priority_min getpriority getcpu
        rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack pause restart_syscall
        alarm getitimer setitimer nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times
        exit exit_group wait4 waitid uname sysinfo getrusage getrlimit getrandom arch_prctl
        getpid getppid gettid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid getgroups
        recvfrom shutdown getsockname getpeername
        """;

    // Landlock does not handle these (Documentation/userspace-api/landlock.rst, "Filesystem actions not restricted"): they are for programs that see no file of the machine
    // that could be changed.
    private const string OnOwnFiles = "chmod fchmod fchmodat utime utimes utimensat futimesat";

    private const string Killed = """
        ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_open pidfd_getfd pidfd_send_signal
        mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr unshare setns
        name_to_handle_at open_by_handle_at fanotify_init fanotify_mark quotactl quotactl_fd acct swapon swapoff
        kexec_load kexec_file_load init_module finit_module delete_module reboot
        bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register memfd_secret
        add_key request_key keyctl personality modify_ldt iopl ioperm lookup_dcookie nfsservctl uselib
        sethostname setdomainname settimeofday clock_settime clock_adjtime adjtimex syslog vhangup
        """;

    /// <summary>The rules, most frequent calls first.</summary>
    /// <param name="programPid">Process id of the program as it sees itself: signals may go there only.</param>
    /// <param name="ownFiles">Whether the program has a file system of its own; without one, the owner of the machine's files could change their modes and times.</param>
    public static IReadOnlyList<SyscallRule> For(uint programPid, bool ownFiles = true) =>
    [
        .. Names(ownFiles ? $"{Allowed} {OnOwnFiles}" : Allowed).Select(name => new SyscallRule { Name = name, Action = SeccompAction.Allow }),

        // Shared anonymous memory would escape RLIMIT_DATA.
        new()
        {
            Name = "mmap",
            Action = SeccompAction.Allow,
            Alternatives = [.. new[] { 0u, MapShared, MapAnonymous }.Select(flags => new[] { new ArgumentCondition(3, MapShared | MapAnonymous, flags) })],
        },

        // Threads, and nothing else: no process, no namespace.
        new() { Name = "clone", Action = SeccompAction.Allow, Alternatives = [[new(0, CloneThread | CloneNamespaces, CloneThread)]] },
        new() { Name = "clone3", Action = SeccompAction.NotImplemented },

        // Signals to itself only: abort(), raise(), pthread_kill().
        new() { Name = "kill", Action = SeccompAction.Allow, Alternatives = [[ArgumentCondition.Is(0, programPid)]] },
        new() { Name = "tgkill", Action = SeccompAction.Allow, Alternatives = [[ArgumentCondition.Is(0, programPid)]] },

        // F_DUPFD, flags of descriptors and files, locks, F_DUPFD_CLOEXEC, F_GETPIPE_SZ, F_GET_SEALS. Not F_SETOWN and F_SETSIG: with them the kernel would send any
        // process of the same user any signal when something arrives on a descriptor (fcntl(2)).
        AnyOf("fcntl", 1, SeccompAction.NotPermitted, 0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032, 1034),

        // TCGETS, TIOCGWINSZ, FIONBIO, FIONREAD, FIONCLEX, FIOCLEX.
        AnyOf("ioctl", 1, SeccompAction.NotATerminal, 0x5401, 0x5413, 0x5421, 0x541B, 0x5450, 0x5451),

        // PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_SET_VMA.
        AnyOf("prctl", 0, SeccompAction.NotPermitted, 3, 15, 16, 23, 0x53564D41),

        // Its own limits only. They are hard: they can be lowered.
        AnyOf("prlimit64", 0, SeccompAction.NotPermitted, 0),

        // The self-pipe of event loops.
        AnyOf("socketpair", 0, SeccompAction.NotPermitted, UnixFamily),
        new() { Name = "sendto", Action = SeccompAction.Allow, Alternatives = [ArgumentCondition.IsNull(4)] },

        new()
        {
            Name = "execveat",
            Action = SeccompAction.Allow,
            Alternatives = [[ArgumentCondition.Is(0, InterpreterDescriptor), ArgumentCondition.Is(4, AtEmptyPath)]],
        },

        .. Names(Killed).Select(name => new SyscallRule { Name = name, Action = name.StartsWith("io_uring", StringComparison.Ordinal) ? SeccompAction.NotImplemented : SeccompAction.Kill }),
    ];

    private static SyscallRule AnyOf(string name, int argument, uint otherwise, params uint[] values) => new()
    {
        Name = name,
        Action = SeccompAction.Allow,
        Alternatives = [.. values.Select(value => new[] { ArgumentCondition.Is(argument, value) })],
        Otherwise = otherwise,
    };

    private static string[] Names(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
