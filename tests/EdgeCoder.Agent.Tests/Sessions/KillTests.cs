using EdgeCoder.Agent.Sessions;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.Agent.Tests.Sessions;

/// <summary>Real processes, killed with SIGKILL at every effect in turn.</summary>
public sealed class KillTests
{
    private const int Killed = 137;

    // Plan, tests, stub run, a reply without code, three codes and their runs.
    private const int Effects = 10;

    [Fact]
    public async Task Killed_before_each_effect_nothing_is_repeated_and_nothing_lost()
    {
        var effects = await KillUntilDoneAsync("before");
        Assert.Equal(Effects, effects.Count);
        Assert.Equal(Effects, effects.Distinct().Count());
    }

    [Fact]
    public async Task Killed_after_each_effect_only_the_open_step_is_done_again()
    {
        var effects = await KillUntilDoneAsync("after");
        Assert.Equal(Effects, effects.Distinct().Count());
        Assert.All(effects.GroupBy(e => e), g => Assert.InRange(g.Count(), 1, 2));
        Assert.Single(effects, effects[0]);
    }

    private static async Task<IReadOnlyList<string>> KillUntilDoneAsync(string when)
    {
        using var directory = new TemporaryDirectory();
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH")!,
            ["HOME"] = directory.Path,
            [CrashChild.DirectoryVariable] = directory.Path,
            [CrashChild.WhenVariable] = when,
        };
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root)
        {
            environment["DOTNET_ROOT"] = root;
        }

        var kills = 0;
        ProgramResult run;
        while ((run = await ProgramRun.ToEndAsync(Path.ChangeExtension(typeof(KillTests).Assembly.Location, null)!, [], environment)).ExitCode == Killed)
        {
            Assert.InRange(++kills, 1, 3 * Effects);
        }

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(Effects - 1, kills);
        Assert.Equal(SessionOutcome.Succeeded, Assert.Single(new SessionStore(directory.Path).List()).Outcome);
        return File.ReadAllLines(directory["effects.log"]);
    }
}
