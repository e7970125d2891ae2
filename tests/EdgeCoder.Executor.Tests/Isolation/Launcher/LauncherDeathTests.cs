using System.Diagnostics;
using System.Security.Cryptography;

namespace EdgeCoder.Executor.Tests.Isolation.Launcher;

/// <summary>Whoever is killed, and whenever: nothing is left.</summary>
public sealed class LauncherDeathTests
{
    private const string Rounds = "30";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Theory]
    [InlineData("Namespaces")]
    [InlineData("Landlock")]
    public async Task Host_or_launcher_killed_at_any_moment_leaves_no_process(string mode)
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue).ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var storm = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "EdgeCoder.Executor.Probe.dll"), "storm", mode, Rounds, seed]) { RedirectStandardOutput = true })!;
        var output = storm.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        var ended = storm.WaitForExit(Patience);
        if (!ended)
        {
            storm.Kill(entireProcessTree: true);
        }

        Assert.True(ended, $"something was left (seed {seed})");
        Assert.Equal($"{Rounds} rounds\n", await output);

        // What a killed launcher leaves in the file system goes with the next one.
        Assert.True((await (await LauncherKind.FindAsync(mode, "Python")).RunAsync("pass")).Ok);
    }
}
