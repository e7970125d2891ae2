using System.Diagnostics;
using System.Globalization;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>Processes below one, as the kernel lists them.</summary>
internal static class ProcessTrees
{
    /// <summary>SIGKILL to everything below a process: its sandboxes and their programs.</summary>
    public static void KillDescendants(int root)
    {
        foreach (var child in Below(root))
        {
            try
            {
                using var process = Process.GetProcessById(child);
                process.Kill();
            }
            catch (Exception fault) when (fault is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It has ended meanwhile.
            }
        }
    }

    private static IEnumerable<int> Below(int parent)
    {
        var children = new List<int>();
        try
        {
            foreach (var thread in Directory.EnumerateDirectories($"/proc/{parent}/task"))
            {
                children.AddRange(File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => int.Parse(text, CultureInfo.InvariantCulture)));
            }
        }
        catch (IOException)
        {
            // It has ended meanwhile.
        }

        return children.SelectMany(child => Below(child).Prepend(child)).ToList();
    }
}
