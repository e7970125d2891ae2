using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace EdgeCoder.Benchmarks;

/// <summary>What a reader must know of the machine to judge the figures: nothing that names it.</summary>
internal static class Machine
{
    public static JsonObject Describe() => new()
    {
        ["cores"] = Environment.ProcessorCount,
        ["processor"] = Processor(),
        ["system"] = RuntimeInformation.OSArchitecture + " " + (OperatingSystem.IsLinux() ? "Linux" : OperatingSystem.IsMacOS() ? "macOS" : "Windows"),
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["load_average_at_end"] = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : null,
    };

    private static string? Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
        : null;
}
