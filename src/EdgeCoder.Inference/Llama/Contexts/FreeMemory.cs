using System.Globalization;

namespace EdgeCoder.Inference.Llama.Contexts;

/// <summary>Memory that this process may still take.</summary>
internal static class FreeMemory
{
    /// <summary>Bytes: what the system calls available, and not more than the container's limit.</summary>
    public static long Bytes()
    {
        // Of the runtime: the machine's memory or the control group's limit, whichever is less.
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return OperatingSystem.IsLinux() && File.Exists("/proc/meminfo") && Available(File.ReadAllText("/proc/meminfo")) is { } available
            ? Math.Min(limit, available)
            : limit;
    }

    /// <summary>The line <c>MemAvailable: N kB</c> of <c>/proc/meminfo</c> (proc(5)).</summary>
    public static long? Available(string meminfo)
    {
        foreach (var line in meminfo.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("MemAvailable:", StringComparison.Ordinal))
            {
                var number = line["MemAvailable:".Length..].Trim();
                number = number[..Math.Max(0, number.IndexOf(' '))];
                return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var kib) ? kib * 1024 : null;
            }
        }

        return null;
    }
}
