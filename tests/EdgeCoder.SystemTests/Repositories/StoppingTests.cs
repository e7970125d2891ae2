using System.Diagnostics;
using System.Globalization;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;
using static EdgeCoder.SystemTests.Repositories.RepositoryStage;

namespace EdgeCoder.SystemTests.Repositories;

/// <summary>Ctrl-C and kill -9 at work, and how it goes on.</summary>
public sealed class StoppingTests
{
    private const string Request = "make parse_date accept ISO week dates";
    private static readonly ScriptedTurn Hang = new("I look at it now and then I will say") { Fault = new() { WaitFor = new TaskCompletionSource().Task, WaitBeforePiece = 5 } };

    [Fact]
    public async Task Ctrl_C_in_mid_stream_stops_keeps_the_work_and_it_goes_on()
    {
        await using var stage = await StartAsync(Plan, Read, Edit, Hang);
        using var process = stage.Run.StartIn(stage.Project.Root, "run", Request, "--approve-tests");
        var said = await UntilAsync(process, "edit dates.py");
        await stage.Server.ClientWaits;
        await SignalAsync(process, "INT");
        said += await RestAsync(process);
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("Go on:  edgecoder run --resume ", said, StringComparison.Ordinal);
        Assert.Contains("fromisoformat", (await stage.ToEndAsync("diff")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fromisoformat", stage.Project.Read("dates.py"), StringComparison.Ordinal);

        stage.Model.Turns = new([Test, Statement]);
        var id = said.Split("--resume ")[1].Split('\n')[0].Trim();
        var resumed = await stage.ToEndAsync("run", "--resume", id, "--approve-tests", "--apply", "--json");
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
        Assert.Contains("fromisoformat", stage.Project.Read("dates.py"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_Ctrl_C_ends_at_once()
    {
        await using var stage = await StartAsync(Plan, Hang);
        using var process = stage.Run.StartIn(stage.Project.Root, "run", Request, "--json");
        await UntilAsync(process, "\"type\":\"plan\"");
        await SignalAsync(process, "INT");
        await SignalAsync(process, "INT");
        await RestAsync(process);
        Assert.Equal(130, process.ExitCode);
    }

    [Fact]
    public async Task Ctrl_C_in_a_conversation_stops_the_request_and_the_next_one_is_taken()
    {
        await using var stage = await StartAsync(Plan, Hang);
        using var process = stage.Run.StartIn(stage.Project.Root, "chat", "--approve-tests");
        await process.StandardInput.WriteLineAsync(Request);
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        await UntilAsync(process, "3. Run the tests.");
        await stage.Server.ClientWaits;
        await SignalAsync(process, "INT");
        await UntilAsync(process, "Stopped. Finished steps are kept");

        stage.Model.Turns = new([new("1. Say what there is."), new("There is one function, parse_date.")]);
        await process.StandardInput.WriteLineAsync("what is in this project?\n/quit");
        process.StandardInput.Close();
        var rest = await RestAsync(process);
        Assert.Contains("There is one function, parse_date.", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("First the request that was cut off", rest, StringComparison.Ordinal);
        Assert.NotEqual(130, process.ExitCode);
    }

    [Fact]
    public async Task A_killed_session_goes_on_without_doing_anything_twice()
    {
        await using var stage = await StartAsync(Plan, Read, Edit, Hang);
        using var process = stage.Run.StartIn(stage.Project.Root, "run", Request, "--approve-tests", "--json");
        var said = await UntilAsync(process, "\"type\":\"diff\"");
        await stage.Server.ClientWaits;
        await SignalAsync(process, "KILL");
        said += await RestAsync(process);
        var id = Events(said[..(said.LastIndexOf('\n') + 1)])[^1].SessionId;

        stage.Model.Turns = new([Test, Statement]);
        var resumed = await stage.ToEndAsync("sessions", "resume", id, "--json");
        var events = Events(resumed.Output);
        Assert.IsType<DoneEvent>(events[^1]);
        Assert.Single(events.OfType<ToolCallEvent>(), call => call.Tool == "edit_file");
        Assert.Equal(Enumerable.Range(1, events.Count - 1).Select(seq => (long)seq), events.Skip(1).Select(one => one.Seq));
        var patch = (await stage.ToEndAsync("diff", id)).Output;
        Assert.Equal(2, patch.Split("fromisoformat").Length);
    }

    private static async Task<string> UntilAsync(Process process, string text)
    {
        using var patience = new CancellationTokenSource(ProgramRun.Patience);
        var said = "";
        while (!said.Contains(text, StringComparison.Ordinal))
        {
            said += await process.StandardOutput.ReadLineAsync(patience.Token) is { } line ? line + "\n" : throw new InvalidOperationException($"It ended: {said}{await process.StandardError.ReadToEndAsync(patience.Token)}");
        }

        return said;
    }

    private static async Task<string> RestAsync(Process process)
    {
        using var patience = new CancellationTokenSource(ProgramRun.Patience);
        var rest = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return rest;
    }

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
