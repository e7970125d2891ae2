using System.Globalization;

namespace EdgeCoder.Benchmarks;

/// <summary>Memory of one process by <c>smaps_rollup</c> of Linux, in bytes.</summary>
/// <param name="Proportional">Own pages whole, shared ones divided among those who share them.</param>
/// <param name="Resident">All pages in main memory.</param>
/// <param name="Locked">Pages that cannot be swapped: libsodium keeps private keys so.</param>
/// <param name="Mappings">Ranges of addresses; the system allows 65,530.</param>
internal sealed record ProcessMemory(long Proportional, long Resident, long Locked, int Mappings)
{
    /// <summary>Reads it; null where the system does not say.</summary>
    public static ProcessMemory? Of(int process)
    {
        var rollup = $"/proc/{process}/smaps_rollup";
        if (!File.Exists(rollup))
        {
            return null;
        }

        var lines = File.ReadAllLines(rollup);
        return new(Bytes(lines, "Pss:"), Bytes(lines, "Rss:"), Bytes(lines, "Locked:"), File.ReadLines($"/proc/{process}/maps").Count());
    }

    private static long Bytes(string[] lines, string field)
    {
        var line = lines.First(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }
}
