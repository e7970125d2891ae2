using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgeCoder.Executor.Tests.Isolation.Launcher;

namespace EdgeCoder.Executor.Tests.Corpus;

/// <summary>The same corpus in a process of an ordinary user, when this one is root; else this process is that user and the corpus has run already.</summary>
[Collection(nameof(HostileProgramTests))]
public sealed class OrdinaryUserTests
{
    private const string UserId = "64123"; // of nobody: below the range that the executor itself uses

    [Fact]
    public async Task Hostile_corpus_is_contained_for_an_ordinary_user()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        var (exitCode, output) = await RunAsOrdinaryUserAsync("-class", typeof(HostileProgramTests).FullName!);

        Assert.True(exitCode == 0, output);
        var total = int.Parse(Regex.Match(output, @"total:\s+(\d+)", RegexOptions.IgnoreCase).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        Assert.True(total >= HostileProgramTests.Programs.Count, output);
    }

    [Fact]
    public async Task Launcher_contains_for_an_ordinary_user_too()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        string[] classes = [typeof(LauncherRunTests).FullName!, typeof(LauncherSelfTests).FullName!, typeof(LauncherIsolationTests).FullName!];
        var (exitCode, output) = await RunAsOrdinaryUserAsync([.. classes.SelectMany(name => new[] { "-class", name })]);

        Assert.True(exitCode == 0, output);
        Assert.Matches(@"Total: [1-9][0-9]+, Errors: 0, Failed: 0, Skipped: 0", output);
    }

    // The build may lie in a directory that only root can enter, so the user gets a copy.
    private static async Task<(int ExitCode, string Output)> RunAsOrdinaryUserAsync(params string[] arguments)
    {
        var copy = Directory.CreateTempSubdirectory("edgecoder-as-user-");
        try
        {
            CopyDirectory(AppContext.BaseDirectory, copy.FullName);
            File.SetUnixFileMode(copy.FullName, (UnixFileMode)0x1ED);
            var start = new ProcessStartInfo("setpriv", [$"--reuid={UserId}", $"--regid={UserId}", "--clear-groups", "--", Environment.ProcessPath!, .. Entry(copy.FullName), .. arguments])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
                WorkingDirectory = copy.FullName,
            };
            start.Environment["HOME"] = copy.FullName;
            start.Environment["DOTNET_CLI_HOME"] = copy.FullName;
            start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, output);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private static string[] Entry(string directory) =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Path.Combine(directory, "EdgeCoder.Executor.Tests.dll")] : [];

    private static void CopyDirectory(string from, string to)
    {
        foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}
