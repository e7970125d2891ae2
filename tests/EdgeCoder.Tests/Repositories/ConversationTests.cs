using EdgeCoder.Agent.Approvals;
using EdgeCoder.Commands;

namespace EdgeCoder.Tests.Repositories;

/// <summary><c>chat</c>, typed and piped.</summary>
public sealed class ConversationTests : IDisposable
{
    private readonly RepositoryDesk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task Requests_share_one_session_and_commands_act_on_its_change()
    {
        _desk.Script.Enqueue(new());
        _desk.Script.Enqueue(new());
        _desk.Type("first", "/diff", "", "second", "/apply", "/undo", "/redo", "/quit", "never");
        Assert.Equal(0, await _desk.RunAsync("chat"));
        Assert.Equal(["first", "second"], _desk.Session!.Prompts);
        Assert.Equal(["apply", "undo", "redo"], _desk.Review.Actions);
        Assert.Contains("part 1 of 2", _desk.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_of_a_pipe_is_never_an_answer_to_a_question()
    {
        _desk.Script.Enqueue(new() { Asks = new() { Tool = "run_command", Access = EdgeCoder.Agent.Tools.ToolAccess.Execute, Summary = "run x", Arguments = "{}" } });
        _desk.Script.Enqueue(new());
        _desk.Type("first", "y");
        await _desk.RunAsync("chat");
        Assert.Equal([ApprovalAnswer.Expired], _desk.Session!.Answers);
        Assert.Equal(["first", "y"], _desk.Session!.Prompts);
    }

    [Fact]
    public async Task The_mode_can_change_before_and_during_the_session()
    {
        _desk.Script.Enqueue(new());
        _desk.Type("/mode read-only", "first", "/mode full", "/mode everything");
        Assert.Equal((int)ExitCode.Failed, await _desk.RunAsync("chat"));
        Assert.Equal(ApprovalMode.ReadOnly, _desk.Begun!.Mode);
        Assert.Equal(ApprovalMode.Full, _desk.Session!.Mode);
        Assert.Contains("everything is no mode", _desk.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_before_any_request_and_unknown_ones_say_so()
    {
        _desk.Type("/apply", "/nonsense", "/help");
        Assert.Equal(0, await _desk.RunAsync("chat"));
        Assert.Contains("Nothing was asked for yet", _desk.Written, StringComparison.Ordinal);
        Assert.Contains("/nonsense is no command", _desk.Written, StringComparison.Ordinal);
        Assert.Contains("/undo", _desk.Written, StringComparison.Ordinal);
        Assert.Null(_desk.Begun);
    }

    [Fact]
    public async Task The_last_request_gives_the_exit_code()
    {
        _desk.Script.Enqueue(new() { Outcome = EdgeCoder.Protocol.Sessions.SessionOutcome.Failed });
        _desk.Type("first");
        Assert.Equal(1, await _desk.RunAsync("chat"));
    }

    [Fact]
    public async Task A_line_that_ends_with_a_backslash_goes_on()
    {
        _desk.Script.Enqueue(new());
        _desk.Type("first\\", "second line");
        await _desk.RunAsync("chat");
        Assert.Equal(["first\nsecond line"], _desk.Session!.Prompts);
    }
}
