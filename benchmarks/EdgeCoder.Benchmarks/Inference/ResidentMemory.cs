using System.Globalization;

namespace EdgeCoder.Benchmarks.Inference;

/// <summary>Memory of a process that is in main memory, as Linux tells it.</summary>
internal static class ResidentMemory
{
    /// <summary>MiB; null where the system does not say.</summary>
    public static double? OfThisProcess() => Of(Environment.ProcessId, "VmRSS:");

    /// <summary>The most it ever was, in MiB.</summary>
    public static double? PeakOf(int process) => Of(process, "VmHWM:");

    private static double? Of(int process, string field)
    {
        var file = $"/proc/{process}/status";
        if (!File.Exists(file))
        {
            return null;
        }

        var line = File.ReadLines(file).First(line => line.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024;
    }
}
