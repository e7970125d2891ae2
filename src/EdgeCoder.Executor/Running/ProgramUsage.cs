using System.Globalization;

namespace EdgeCoder.Executor.Running;

/// <summary>What a running program has used so far, as the kernel tells this process (proc(5)).</summary>
/// <param name="CpuMs">User and system time, in milliseconds, in steps of 10.</param>
/// <param name="MemoryBytes">Largest resident set, in bytes.</param>
internal sealed record ProgramUsage(long CpuMs, long MemoryBytes)
{
    private const int MillisecondsPerTick = 10; // USER_HZ is 100 on every architecture

    /// <summary>Asks for the only child of the namespace's reaper; null when it is gone.</summary>
    public static ProgramUsage? OfChild(int reaper)
    {
        try
        {
            var child = File.ReadAllText($"/proc/{reaper}/task/{reaper}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
            return child is null ? null : Of(int.Parse(child, CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Asks for a process; null when it is gone.</summary>
    public static ProgramUsage? Of(int pid)
    {
        try
        {
            var peak = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            var stat = File.ReadAllText($"/proc/{pid}/stat");

            // The second field is a name in parentheses that may hold anything; utime and stime are fields 14 and 15.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return peak is null ? null : new ProgramUsage(
                (Number(fields[11]) + Number(fields[12])) * MillisecondsPerTick,
                Number(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) * 1024);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
