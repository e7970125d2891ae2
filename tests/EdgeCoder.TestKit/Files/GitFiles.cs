using System.Diagnostics;

namespace EdgeCoder.TestKit.Files;

/// <summary>The files that git knows or would add.</summary>
public static class GitFiles
{
    /// <summary>Paths below <paramref name="root"/> with forward slashes, those that git tracks and the new ones it does not ignore.</summary>
    public static List<string> List(string root, params string[] patterns)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = root, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", .. patterns])
        {
            start.ArgumentList.Add(argument);
        }

        using var git = Process.Start(start) ?? throw new InvalidOperationException("git did not start");
        var listed = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return git.ExitCode == 0
            ? [.. listed.Split('\0', StringSplitOptions.RemoveEmptyEntries).Distinct().Where(path => File.Exists(Path.Combine(root, path)))]
            : throw new InvalidOperationException($"git ls-files ended with {git.ExitCode}");
    }
}
