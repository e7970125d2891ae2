namespace EdgeCoder.Executor.Isolation.Entry;

/// <summary>Resource limits that the entry program sets, with the kernel's numbers (asm-generic/resource.h; the same on x86-64 and aarch64).</summary>
internal enum ResourceLimit
{
    /// <summary>CPU time, seconds. Beyond the soft limit SIGXCPU, beyond the hard one SIGKILL.</summary>
    Cpu = 0,

    /// <summary>Size of one file, bytes.</summary>
    FileSize = 1,

    /// <summary>Private writable memory, bytes, thread stacks included.</summary>
    Data = 2,

    /// <summary>Main thread's stack, bytes.</summary>
    Stack = 3,

    /// <summary>Core dumps: none.</summary>
    Core = 4,

    /// <summary>Processes and threads of the user in the new user namespace, bubblewrap's reaper included.</summary>
    Processes = 6,

    /// <summary>Open files.</summary>
    OpenFiles = 7,

    /// <summary>Locked memory: none.</summary>
    LockedMemory = 8,

    /// <summary>Address space, bytes.</summary>
    AddressSpace = 9,

    /// <summary>POSIX message queues: none.</summary>
    MessageQueues = 12,
}
