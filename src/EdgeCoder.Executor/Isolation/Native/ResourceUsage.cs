using System.Runtime.InteropServices;

namespace EdgeCoder.Executor.Isolation.Native;

/// <summary><c>struct rusage</c> of 64-bit Linux (sys/resource.h): 144 bytes, of which the first five words are read.</summary>
[StructLayout(LayoutKind.Sequential, Size = 144)]
internal struct ResourceUsage
{
    /// <summary>User time: seconds.</summary>
    public long UserSeconds;

    /// <summary>User time: microseconds.</summary>
    public long UserMicroseconds;

    /// <summary>System time: seconds.</summary>
    public long SystemSeconds;

    /// <summary>System time: microseconds.</summary>
    public long SystemMicroseconds;

    /// <summary>Largest resident set, in KiB. Of no use for a child: it begins with that of the process that started it.</summary>
    public long MaximumResidentKib;

    /// <summary>User and system time, in milliseconds.</summary>
    public readonly long CpuMs => ((UserSeconds + SystemSeconds) * 1000) + ((UserMicroseconds + SystemMicroseconds) / 1000);
}
