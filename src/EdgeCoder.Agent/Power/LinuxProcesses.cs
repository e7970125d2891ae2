using System.Globalization;

namespace EdgeCoder.Agent.Power;

/// <summary>Processor time from <c>/proc</c>, in ticks.</summary>
internal static class LinuxProcesses
{
    /// <summary>Busy and total ticks of the machine since its start (proc_stat(5): the guest columns are part of the user columns).</summary>
    public static (long Busy, long Total) Machine(string proc)
    {
        var columns = File.ReadLines(Path.Combine(proc, "stat")).First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9].Select(Number).ToArray();
        var total = columns.Sum();
        return (total - columns[3] - columns[4], total);
    }

    /// <summary>Ticks of a process, of its descendants, and of those of them that have ended and were waited for.</summary>
    public static long TicksOf(string proc, int process)
    {
        var all = new Dictionary<int, (int Parent, long Ticks)>();
        foreach (var folder in Directory.EnumerateDirectories(proc))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Stat(folder) is { } stat)
            {
                all[id] = stat;
            }
        }

        return all.Where(one => IsBelow(one.Key)).Sum(one => one.Value.Ticks);

        bool IsBelow(int id)
        {
            // A chain is no longer than the number of processes; a process that ended meanwhile cannot make a ring.
            for (var steps = 0; steps <= all.Count; steps++)
            {
                if (id == process)
                {
                    return true;
                }

                if (!all.TryGetValue(id, out var stat))
                {
                    return false;
                }

                id = stat.Parent;
            }

            return false;
        }
    }

    private static (int Parent, long Ticks)? Stat(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            // The name in parentheses may hold spaces and parentheses of its own; what follows the last one are the fields from the third on.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return ((int)Number(fields[1]), Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException or ArgumentException or IndexOutOfRangeException)
        {
            // It has ended.
            return null;
        }
    }

    private static long Number(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
