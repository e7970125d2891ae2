using System.Runtime.InteropServices;
using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Launcher;

/// <summary>System calls by name, for this half that may use the runtime; the numbers of both architectures are in the table that the filter is made from.</summary>
internal static unsafe partial class Kernel
{
    /// <summary>O_CLOEXEC.</summary>
    public const long CloseOnExec = 0x80000;

    /// <summary>AT_FDCWD.</summary>
    public const long CurrentDirectory = -100;

    /// <summary>AT_EMPTY_PATH.</summary>
    public const long EmptyPath = 0x1000;

    /// <summary>SIGKILL.</summary>
    public const long SignalKill = 9;

    /// <summary>Number of a call on this machine.</summary>
    public static long Number(string name) =>
        MachineArchitectures.Current is { } architecture && SyscallTable.Number(name, architecture) is { } number ? number
            : throw new PlatformNotSupportedException($"no system call {name} is known for this processor");

    /// <summary>Makes a call. A negative result is the error, as the kernel itself says it.</summary>
    public static long Call(string name, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0)
    {
        var result = Syscall(Number(name), a, b, c, d, e, 0);
        return result < 0 ? -*ErrorLocation() : result;
    }

    /// <summary>Makes a call that must succeed.</summary>
    /// <exception cref="LaunchFailure">It did not.</exception>
    public static long Must(string step, string name, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) =>
        Checked(step, Call(name, a, b, c, d, e));

    /// <summary>A result that must not be an error.</summary>
    /// <exception cref="LaunchFailure">It is one.</exception>
    public static long Checked(string step, long result) => result >= 0 ? result : throw new LaunchFailure(step, (int)-result);

    /// <summary>The call itself. It is not announced to the collector, so that a copy of this process without its other threads may make it.</summary>
    [LibraryImport("libc", EntryPoint = "syscall")]
    [SuppressGCTransition]
    public static partial long Syscall(long number, long a, long b, long c, long d, long e, long f);

    /// <summary>Where the thread's error number is.</summary>
    [LibraryImport("libc", EntryPoint = "__errno_location")]
    [SuppressGCTransition]
    public static partial int* ErrorLocation();

    /// <summary>Waits without end for one of some <c>struct pollfd</c>. A negative result is the error.</summary>
    public static long Wait(long* entries, uint count) => Poll(entries, count, -1) is >= 0 and var ready ? ready : -*ErrorLocation();

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(long* entries, nuint count, int timeout);

    // The C library's functions change the credentials of every thread of the process; the calls themselves change one.
    [LibraryImport("libc", EntryPoint = "setgroups")]
    public static partial int SetGroups(nint count, uint* groups);

    [LibraryImport("libc", EntryPoint = "setresgid")]
    public static partial int SetGroupIds(uint real, uint effective, uint saved);

    [LibraryImport("libc", EntryPoint = "setresuid")]
    public static partial int SetUserIds(uint real, uint effective, uint saved);
}
