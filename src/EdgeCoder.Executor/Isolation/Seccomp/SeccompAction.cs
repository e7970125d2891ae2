namespace EdgeCoder.Executor.Isolation.Seccomp;

/// <summary>What the kernel does with a system call (linux/seccomp.h, SECCOMP_RET_*).</summary>
internal static class SeccompAction
{
    /// <summary>Let it happen.</summary>
    public const uint Allow = 0x7FFF0000;

    /// <summary>Kill the whole process: the host sees SIGSYS and reports <c>blocked_syscall</c>.</summary>
    public const uint Kill = 0x80000000;

    /// <summary>EPERM.</summary>
    public const uint NotPermitted = Errno | 1;

    /// <summary>ENOTTY: what programs expect of an ioctl on something that is no terminal.</summary>
    public const uint NotATerminal = Errno | 25;

    /// <summary>ENOSYS: makes the C library take its older way.</summary>
    public const uint NotImplemented = Errno | 38;

    /// <summary>EAFNOSUPPORT: what programs expect of a family of sockets that the kernel does not have.</summary>
    public const uint NoSuchFamily = Errno | 97;

    private const uint Errno = 0x00050000;
}
