using System.Text;

namespace EdgeCoder.Executor.Tests.Commands;

/// <summary>Processes of this machine, by a variable of their environment.</summary>
internal static class Processes
{
    /// <summary>Ids of those that have it.</summary>
    public static IReadOnlyList<string> With(string variable)
    {
        var found = new List<string>();
        foreach (var process in Directory.GetDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                if (Encoding.UTF8.GetString(File.ReadAllBytes(process + "/environ")).Split('\0').Contains(variable))
                {
                    found.Add(Path.GetFileName(process));
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It ended while it was looked at.
            }
        }

        return found;
    }
}
