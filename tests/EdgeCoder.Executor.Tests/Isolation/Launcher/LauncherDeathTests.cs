using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace EdgeCoder.Executor.Tests.Isolation.Launcher;

/// <summary>Whoever is killed, and whenever: nothing is left.</summary>
public sealed class LauncherDeathTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("Namespaces", 30)]
    [InlineData("Landlock", 30)]
    [InlineData("command", 15)]
    [InlineData("warm-Namespaces", 12)]
    [InlineData("warm-Landlock", 12)]
    public async Task Host_or_launcher_killed_at_any_moment_leaves_no_process(string mode, int rounds)
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);

        Assert.Equal($"{rounds} rounds\n", await StormAsync(mode, rounds, seed, Patience));

        // What a killed launcher leaves in the file system goes with the next one.
        Assert.True((await (await LauncherKind.FindAsync("Landlock", "Python")).RunAsync("pass")).Ok);
    }

    // Of the first hosts one is killed alone, whose child then lives on.
    [Fact]
    public async Task Process_that_is_left_is_noticed() =>
        Assert.StartsWith("something was left in round ", await StormAsync("careless", 20, seed: 1, TimeSpan.FromSeconds(1)), StringComparison.Ordinal);

    private static async Task<string> StormAsync(string mode, int rounds, int seed, TimeSpan limit)
    {
        string[] arguments = [mode, .. new[] { rounds, seed, (int)limit.TotalSeconds }.Select(number => number.ToString(CultureInfo.InvariantCulture))];
        using var storm = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "EdgeCoder.Executor.Probe.dll"), "storm", .. arguments]) { RedirectStandardOutput = true })!;
        var output = await storm.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await storm.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
