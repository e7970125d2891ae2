using System.Runtime.InteropServices;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.AppContainer;

/// <summary><c>JOBOBJECT_EXTENDED_LIMIT_INFORMATION</c> (winnt.h): 144 bytes on 64-bit Windows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct JobLimits
{
    /// <summary>Class of this information.</summary>
    public const int Class = 9;

    private const uint JobTime = 0x4;
    private const uint ActiveProcess = 0x8;
    private const uint ProcessMemory = 0x100;
    private const uint JobMemory = 0x200;
    private const uint DieOnUnhandledException = 0x400;
    private const uint KillOnJobClose = 0x2000;

    /// <summary>User time of one process, in 100 ns: unused.</summary>
    public long ProcessTime;

    /// <summary>User time of the job, in 100 ns.</summary>
    public long Time;

    /// <summary>Which limits are set.</summary>
    public uint Flags;

    /// <summary>Unused.</summary>
    public nuint MinimumWorkingSet;

    /// <summary>Unused.</summary>
    public nuint MaximumWorkingSet;

    /// <summary>Processes.</summary>
    public uint Processes;

    /// <summary>Unused.</summary>
    public nuint Affinity;

    /// <summary>Unused.</summary>
    public uint Priority;

    /// <summary>Unused.</summary>
    public uint Scheduling;

    /// <summary>Counters of input and output: unused.</summary>
    public fixed ulong Counters[6];

    /// <summary>Committed memory of one process.</summary>
    public nuint ProcessMemoryBytes;

    /// <summary>Committed memory of the job.</summary>
    public nuint JobMemoryBytes;

    /// <summary>Told by the system.</summary>
    public nuint PeakProcessMemory;

    /// <summary>Told by the system.</summary>
    public nuint PeakJobMemory;

    /// <summary>The limits of a run: one process, its time and memory, and everything ends when the last handle of the job is closed, with this process too.</summary>
    public static JobLimits For(LimitPlan limits) => new()
    {
        Flags = JobTime | ActiveProcess | ProcessMemory | JobMemory | DieOnUnhandledException | KillOnJobClose,
        Time = (limits.Time + TimeSpan.FromSeconds(1)).Ticks,
        Processes = 1,
        ProcessMemoryBytes = Memory(limits),
        JobMemoryBytes = Memory(limits),
    };

    // What node commits and never touches.
    private static nuint Memory(LimitPlan limits) => (nuint)(limits.MemoryBytes + (limits.Language == SnippetLanguage.Python ? 0 : 64L << 20));
}

/// <summary><c>JOBOBJECT_BASIC_ACCOUNTING_INFORMATION</c>: 48 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct JobAccount
{
    /// <summary>Class of this information.</summary>
    public const int Class = 1;

    /// <summary>User time, in 100 ns.</summary>
    public long UserTime;

    /// <summary>Kernel time, in 100 ns.</summary>
    public long KernelTime;

    /// <summary>The same of this period: unused.</summary>
    public long PeriodUserTime;

    /// <summary>The same of this period: unused.</summary>
    public long PeriodKernelTime;

    /// <summary>Page faults.</summary>
    public uint PageFaults;

    /// <summary>Processes so far.</summary>
    public uint Processes;

    /// <summary>Processes now.</summary>
    public uint ActiveProcesses;

    /// <summary>Processes that a limit ended.</summary>
    public uint TerminatedProcesses;

    /// <summary>Both, in milliseconds.</summary>
    public readonly long CpuMs => (UserTime + KernelTime) / TimeSpan.TicksPerMillisecond;
}
