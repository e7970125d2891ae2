using System.Runtime.InteropServices;

namespace EdgeCoder.Executor.Isolation.Seatbelt;

/// <summary><c>struct rusage_info_v2</c> of macOS (sys/resource.h): 160 bytes, of which one is read.</summary>
[StructLayout(LayoutKind.Explicit, Size = 160)]
internal partial struct DarwinProcessUsage
{
    private const int Version2 = 2; // RUSAGE_INFO_V2

    /// <summary>What Activity Monitor calls memory: resident, compressed and swapped pages that are the process's own.</summary>
    [FieldOffset(72)]
    public ulong PhysicalFootprint;

    /// <summary>Asks the kernel; null when the process is gone.</summary>
    public static long? FootprintOf(int pid) => Ask(pid, Version2, out var usage) == 0 ? (long)usage.PhysicalFootprint : null;

    [LibraryImport("libproc", EntryPoint = "proc_pid_rusage")]
    private static partial int Ask(int pid, int flavor, out DarwinProcessUsage usage);
}
