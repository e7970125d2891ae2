using EdgeCoder.Protocol.Sessions;
using static EdgeCoder.SystemTests.Repositories.RepositoryStage;

namespace EdgeCoder.SystemTests.Repositories;

/// <summary>The whole journey of a person: run, look, apply, undo, redo.</summary>
public sealed class JourneyTests
{
    [Fact]
    public async Task A_change_is_made_tested_shown_applied_taken_back_and_applied_again()
    {
        await using var stage = await StartAsync(Plan, Read, Edit, Test, Statement);
        var before = stage.Project.Read("dates.py");

        var run = await stage.ToEndAsync("run", "make parse_date accept ISO week dates", "--approve-tests", "--json");
        Assert.True(run.ExitCode == 0, run.ToString());
        var events = Events(run.Output);
        Assert.IsType<StatusEvent>(events[0]);
        var done = Assert.IsType<DoneEvent>(events[^1]);
        Assert.Equal((SessionOutcome.Succeeded, Verification.ProjectTested), (done.Outcome, done.Verification));
        Assert.Equal(Enumerable.Range(1, events.Count - 1).Select(seq => (long)seq), events.Skip(1).Select(one => one.Seq));
        Assert.Equal(before, stage.Project.Read("dates.py"));

        var diff = await stage.ToEndAsync("diff");
        Assert.Contains("+        return datetime.date.fromisoformat(text)", diff.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await stage.ToEndAsync("apply")).ExitCode);
        Assert.Contains("hold the change already", (await stage.ToEndAsync("apply")).Output, StringComparison.Ordinal);
        Assert.Contains("fromisoformat", stage.Project.Read("dates.py"), StringComparison.Ordinal);
        Assert.Equal(0, (await stage.ToEndAsync("undo")).ExitCode);
        Assert.Equal(before, stage.Project.Read("dates.py"));
        Assert.Equal(0, (await stage.ToEndAsync("redo")).ExitCode);
        Assert.Contains("fromisoformat", stage.Project.Read("dates.py"), StringComparison.Ordinal);

        // The same again as the person edited it: tested first, then applied over what is there.
        Assert.Equal(0, (await stage.ToEndAsync("undo")).ExitCode);
        var patch = stage.Run.Write("edited.diff", diff.Output.Replace("if \"W\" in text:", "if \"W\" in text:  # a week", StringComparison.Ordinal));
        var edited = await stage.ToEndAsync("apply", "--patch", patch, "--approve-tests");
        Assert.True(edited.ExitCode == 0, edited.ToString());
        Assert.Contains("2 tests passed", edited.Output, StringComparison.Ordinal);
        Assert.Contains("# a week", stage.Project.Read("dates.py"), StringComparison.Ordinal);
        Assert.Equal(0, (await stage.ToEndAsync("undo")).ExitCode);
        Assert.Equal(before, stage.Project.Read("dates.py"));

        // And one that breaks the tests is not applied.
        var bad = stage.Run.Write("bad.diff", diff.Output.Replace("fromisoformat(text)", "fromisoformat(\"2000-01-01\")", StringComparison.Ordinal));
        var broken = await stage.ToEndAsync("apply", "--patch", bad, "--approve-tests");
        Assert.Equal(1, broken.ExitCode);
        Assert.Equal(before, stage.Project.Read("dates.py"));

        var replay = await stage.ToEndAsync("sessions", "replay", done.SessionId);
        Assert.Contains("make parse_date accept ISO week dates", replay.Output, StringComparison.Ordinal);
        Assert.Contains("2 tests passed", replay.Output, StringComparison.Ordinal);
    }
}
