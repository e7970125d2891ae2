using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgeCoder.Executor.Tests.Isolation.Launcher;

namespace EdgeCoder.Executor.Tests.Corpus;

/// <summary>The same corpus in a process of an ordinary user, when this one is root; else this process is that user and the corpus has run already.</summary>
[Collection(nameof(HostileProgramTests))]
[Trait("part", "user")]
public sealed class OrdinaryUserTests
{
    private const int UserId = 64123; // of nobody, as the next ones are: below the range that the executor itself uses

    // Side by side, because each of them mostly waits; each as another user, because the system counts threads by user.
    [Fact]
    public async Task Hostile_corpus_and_launcher_are_contained_for_an_ordinary_user()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        string[] launcher = [typeof(LauncherRunTests).FullName!, typeof(LauncherSelfTests).FullName!, typeof(LauncherIsolationTests).FullName!];
        string[][] runs = [[.. launcher.SelectMany(name => new[] { "-class", name })], .. HostileProgramTests.Parts.Select(part => new[] { "-preEnumerateTheories", "-class", typeof(HostileProgramTests).FullName!, "-trait", $"part={part}" })];

        var ended = await InCopyAsync(copy => Task.WhenAll(runs.Select((run, index) => RunAsOrdinaryUserAsync(copy, UserId + index, run))));

        Assert.All(ended, run => Assert.True(run.ExitCode == 0, run.Output));
        Assert.True(Total(ended[0].Output) >= 10, ended[0].Output);
        Assert.Equal(HostileProgramTests.Programs.Count, ended.Skip(1).Sum(run => Total(run.Output)));
    }

    private static int Total(string output) => int.Parse(Regex.Match(output, @"Total: (\d+), Errors: 0, Failed: 0, Skipped: 0").Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    // The build may lie in a directory that only root can enter, so the user gets a copy.
    private static async Task<T> InCopyAsync<T>(Func<string, Task<T>> run)
    {
        var copy = Directory.CreateTempSubdirectory("edgecoder-as-user-");
        try
        {
            CopyDirectory(AppContext.BaseDirectory, copy.FullName);
            File.SetUnixFileMode(copy.FullName, (UnixFileMode)0x1ED);
            return await run(copy.FullName);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsOrdinaryUserAsync(string copy, int user, string[] arguments)
    {
        var start = new ProcessStartInfo("setpriv", [string.Create(CultureInfo.InvariantCulture, $"--reuid={user}"), string.Create(CultureInfo.InvariantCulture, $"--regid={user}"), "--clear-groups", "--", Environment.ProcessPath!, .. Entry(copy), .. arguments])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = copy,
        };
        start.Environment["HOME"] = copy;
        start.Environment["DOTNET_CLI_HOME"] = copy;
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
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
