using System.Globalization;

namespace EdgeCoder.Benchmarks.Runs;

/// <summary>Memory of a process and everything below it.</summary>
internal static class ProcessTree
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    /// <summary>Largest sum of resident bytes until the end is told. Pages that two of them share count twice: the figure is an upper bound.</summary>
    public static long PeakBytes(int root, CancellationToken ended)
    {
        var peak = 0L;
        do
        {
            peak = Math.Max(peak, Bytes(root));
        }
        while (!ended.WaitHandle.WaitOne(Pace));
        return peak;
    }

    private static long Bytes(int root)
    {
        var parents = new Dictionary<int, int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Read($"{directory}/stat") is { } stat)
            {
                // Field 4 is the parent; the name before it may hold spaces, so the count starts behind its bracket.
                parents[id] = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
            }
        }

        return parents.Keys.Where(id => IsBelow(id, root, parents)).Sum(ResidentBytes);
    }

    private static bool IsBelow(int id, int root, Dictionary<int, int> parents)
    {
        for (var at = id; ; at = parents.GetValueOrDefault(at))
        {
            if (at == root)
            {
                return true;
            }

            if (at <= 1)
            {
                return false;
            }
        }
    }

    private static long ResidentBytes(int id) =>
        Read($"/proc/{id}/statm") is { } statm ? long.Parse(statm.Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize : 0;

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null; // It ended meanwhile.
        }
    }
}
