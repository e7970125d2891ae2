using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace EdgeCoder.Executor.Isolation;

/// <summary>Finding and asking programs of this machine.</summary>
internal static class ExecutableFile
{
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(20);

    /// <summary>First executable file of a name on a search path; null when there is none.</summary>
    public static string? Find(string name, string searchPath) => All(name, searchPath).FirstOrDefault();

    /// <summary>All executable files of a name, in the order of the search path, without repetition.</summary>
    public static IEnumerable<string> All(string name, string searchPath) =>
        searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted)
            .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? name + ".exe" : name))
            .Where(IsExecutable)
            .Distinct(StringComparer.Ordinal);

    /// <summary>Length and time of change: what tells a replaced file.</summary>
    public static string Stamp(string path)
    {
        var file = new FileInfo(path);
        return string.Create(CultureInfo.InvariantCulture, $"{file.Length}-{file.LastWriteTimeUtc.Ticks}");
    }

    /// <summary>Whether every user can read a file or directory: each directory above it lets everybody through.</summary>
    public static bool ReadableByEverybody(string path)
    {
        if (OperatingSystem.IsWindows() || !Path.Exists(path))
        {
            return false;
        }

        if ((File.GetUnixFileMode(path) & UnixFileMode.OtherRead) == 0)
        {
            return false;
        }

        for (var directory = Path.GetDirectoryName(path); directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if ((File.GetUnixFileMode(directory) & UnixFileMode.OtherExecute) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Standard output of a program that is asked something; empty when it fails or takes longer than 20 s.</summary>
    public static async Task<string> AskAsync(string path, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false },
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AskLimit);
        try
        {
            process.Start();
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token).ConfigureAwait(false);
            await error.ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return process.ExitCode == 0 ? output.Trim() : "";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return "";
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
        {
            return "";
        }
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
