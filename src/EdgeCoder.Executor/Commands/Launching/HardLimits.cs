using System.Globalization;
using EdgeCoder.Executor.Isolation.Entry;

namespace EdgeCoder.Executor.Commands.Launching;

/// <summary>This process's own hard limits: nobody without privileges can have more (getrlimit(2)).</summary>
internal static class HardLimits
{
    private static readonly Dictionary<string, ResourceLimit> Names = new(StringComparer.Ordinal)
    {
        ["Max file size"] = ResourceLimit.FileSize,
        ["Max data size"] = ResourceLimit.Data,
        ["Max processes"] = ResourceLimit.Processes,
        ["Max open files"] = ResourceLimit.OpenFiles,
        ["Max locked memory"] = ResourceLimit.LockedMemory,
        ["Max msgqueue size"] = ResourceLimit.MessageQueues,
    };

    /// <summary>Reads the text of <c>/proc/self/limits</c>: pure.</summary>
    public static IReadOnlyDictionary<ResourceLimit, ulong> Read(string text)
    {
        // Columns of fixed width: the name has spaces.
        const int NameWidth = 26;
        const int Hard = 1;
        var limits = new Dictionary<ResourceLimit, ulong>();
        foreach (var line in text.Split('\n').Where(line => line.Length > NameWidth))
        {
            var columns = line[NameWidth..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (Names.TryGetValue(line[..NameWidth].Trim(), out var limit) && columns.Length > Hard && ulong.TryParse(columns[Hard], NumberStyles.None, CultureInfo.InvariantCulture, out var hard))
            {
                limits[limit] = hard;
            }
        }

        return limits;
    }
}
