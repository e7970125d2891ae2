using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Commands;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Sessions;
using System.Text.Json;

namespace EdgeCoder.Tests.Repositories;

/// <summary><c>run</c> in a repository, at a terminal and without one.</summary>
public sealed class RepositoryRunTests : IDisposable
{
    private static readonly ToolAction Removal = new() { Tool = "run_command", Access = ToolAccess.Execute, Summary = "run rm -rf build", Command = ["rm", "-rf", "build"], Arguments = "{}" };
    private readonly RepositoryDesk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task In_a_work_tree_the_options_reach_the_session()
    {
        _desk.Script.Enqueue(new());
        Assert.Equal(0, await _desk.RunAsync("run", "fix it", "--mode", "full", "--carry-uncommitted", "--test-command", "make 'all tests'", "--protect", "tests/**", "--max-steps", "7", "--seed", "3"));
        var task = _desk.Begun!;
        Assert.Equal((_desk.Root, ApprovalMode.Full, true, 7, 3L), (task.Root, task.Mode, task.CarryUncommitted, task.MaxSteps, task.Seed));
        Assert.Equal(["make", "all tests"], task.TestCommand);
        Assert.Equal(["tests/**"], task.Protected);
        Assert.Equal(["fix it"], _desk.Session!.Prompts);
    }

    [Fact]
    public async Task A_root_that_nobody_trusts_is_refused_without_a_terminal_and_nothing_begins()
    {
        _desk.Trusted.Clear();
        Assert.Equal((int)ExitCode.Refused, await _desk.RunAsync("run", "fix it"));
        Assert.Contains("edgecoder trust " + _desk.Root, _desk.Written, StringComparison.Ordinal);
        Assert.Null(_desk.Begun);
    }

    [Fact]
    public async Task At_a_terminal_the_person_is_asked_once_whether_the_root_is_trusted()
    {
        _desk.Trusted.Clear();
        _desk.Attended = true;
        _desk.Type("maybe", "y", "l");
        _desk.Script.Enqueue(new());
        Assert.Equal(0, await _desk.RunAsync("run", "fix it"));
        Assert.Contains(_desk.Root, _desk.Trusted);
    }

    [Fact]
    public async Task No_to_trust_begins_nothing()
    {
        _desk.Trusted.Clear();
        _desk.Attended = true;
        _desk.Type("n");
        Assert.Equal((int)ExitCode.Refused, await _desk.RunAsync("run", "fix it"));
        Assert.Null(_desk.Begun);
        Assert.Empty(_desk.Trusted);
    }

    [Theory]
    [InlineData("y", ApprovalAnswer.Once)]
    [InlineData("s", ApprovalAnswer.Session)]
    [InlineData("a", ApprovalAnswer.Always)]
    [InlineData("n", ApprovalAnswer.Denied)]
    public async Task A_question_shows_the_whole_command_and_takes_a_clear_answer(string typed, ApprovalAnswer expected)
    {
        _desk.Attended = true;
        _desk.Type("", "what?", typed, "l");
        _desk.Script.Enqueue(new() { Asks = Removal });
        await _desk.RunAsync("run", "fix it");
        Assert.Equal([expected], _desk.Session!.Answers);
        Assert.Contains("$ rm -rf build", _desk.Written, StringComparison.Ordinal);
        Assert.True(_desk.Discarded > 0, "What was typed before the question answered it.");
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_what_asks_is_refused()
    {
        _desk.Script.Enqueue(new() { Asks = Removal });
        await _desk.RunAsync("run", "fix it", "--approve-tests");
        Assert.Equal([ApprovalAnswer.Expired], _desk.Session!.Answers);
    }

    [Fact]
    public async Task Agreeing_to_the_tests_beforehand_agrees_to_nothing_else()
    {
        _desk.Script.Enqueue(new() { Asks = Removal with { Tool = "run_tests", Summary = "run pytest", Command = ["pytest"] } });
        await _desk.RunAsync("run", "fix it", "--approve-tests");
        Assert.Equal([ApprovalAnswer.Once], _desk.Session!.Answers);
    }

    [Fact]
    public async Task A_command_that_hides_its_second_line_is_shown_with_it()
    {
        _desk.Attended = true;
        _desk.Type("n", "l");
        _desk.Script.Enqueue(new() { Asks = Removal with { Script = true, Command = ["sh", "-c", "make\n\u001b[2Jcurl evil"] } });
        await _desk.RunAsync("run", "fix it");
        Assert.Contains("| ␛[2Jcurl evil", _desk.Written, StringComparison.Ordinal);
        Assert.DoesNotContain("always", _desk.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_change_is_applied_when_the_person_says_so()
    {
        _desk.Attended = true;
        _desk.Type("a");
        _desk.Script.Enqueue(new());
        Assert.Equal(0, await _desk.RunAsync("run", "fix it"));
        Assert.Equal(["apply"], _desk.Review.Actions);
        Assert.Contains("edgecoder undo", _desk.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conflict_is_shown_and_is_no_success()
    {
        _desk.Attended = true;
        _desk.Type("a");
        _desk.Review.Outcome = new(false, ["src/dates.py"], "Nothing was written: you changed the same lines.");
        _desk.Script.Enqueue(new());
        Assert.Equal((int)ExitCode.Failed, await _desk.RunAsync("run", "fix it"));
        Assert.Contains("you changed the same lines", _desk.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_terminal_the_change_waits_and_it_is_said_how_to_take_it()
    {
        _desk.Script.Enqueue(new());
        Assert.Equal(0, await _desk.RunAsync("run", "fix it"));
        Assert.Empty(_desk.Review.Actions);
        Assert.Contains("edgecoder apply " + _desk.Session!.Id, _desk.Written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SessionOutcome.Succeeded, 0, true)]
    [InlineData(SessionOutcome.Failed, 1, false)]
    [InlineData(SessionOutcome.Unverified, 1, false)]
    [InlineData(SessionOutcome.Escalated, 3, false)]
    [InlineData(SessionOutcome.BudgetExhausted, 1, false)]
    [InlineData(SessionOutcome.Cancelled, 130, false)]
    public async Task Apply_applies_only_a_change_whose_tests_passed(SessionOutcome outcome, int code, bool applied)
    {
        _desk.Script.Enqueue(new() { Outcome = outcome });
        Assert.Equal(code, await _desk.RunAsync("run", "fix it", "--apply"));
        Assert.Equal(applied ? ["apply"] : [], _desk.Review.Actions);
    }

    [Fact]
    public async Task Json_is_events_alone_and_the_first_comes_before_the_model()
    {
        _desk.Script.Enqueue(new());
        Assert.Equal(0, await _desk.RunAsync("run", "fix it", "--apply", "--json"));
        var events = Events();
        Assert.IsType<StatusEvent>(events[0]);
        Assert.Equal((0L, "review"), (events[0].Seq, events[^1] is ReviewEvent { Done: true, Action: "apply", Seq: 0 } ? "review" : events[^1].ToString()));
        Assert.IsType<DoneEvent>(events[^2]);
        Assert.Equal([1L, 2L], events[1..^1].Select(one => one.Seq));
        Assert.Equal("", _desk.Written);
    }

    [Fact]
    public async Task The_first_event_does_not_wait_for_the_model()
    {
        _desk.ModelFault = new EdgeCoder.Agent.Repositories.RepositoryException("window_too_small", "Too small.", "Take another.");
        Assert.Equal(1, await _desk.RunAsync("run", "fix it", "--json"));
        var events = Events();
        Assert.IsType<StatusEvent>(events[0]);
        Assert.Equal("window_too_small", Assert.IsType<ErrorEvent>(events[1]).Code);
    }

    [Fact]
    public async Task Stopping_keeps_the_work_and_says_how_to_go_on()
    {
        using var stop = new CancellationTokenSource();
        _desk.Script.Enqueue(new() { Gate = new TaskCompletionSource().Task });
        var running = _desk.RunAsync(stop.Token, "run", "fix it");
        await stop.CancelAsync();
        Assert.Equal(130, await running);
        Assert.Contains("edgecoder run --resume " + _desk.Session!.Id, _desk.Written, StringComparison.Ordinal);
    }

    private List<SessionEvent> Events() =>
        [.. _desk.Output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize(line, ProtocolJson.Default.SessionEvent)!)];
}
