using System.Threading.Channels;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Repositories;
using EdgeCoder.Terminal;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Repositories;

/// <summary>Questions that nobody answers in time, and more than one at once (R7).</summary>
public sealed class TerminalApproverTests : IDisposable
{
    private static readonly ToolAction Action = new() { Tool = "run_command", Access = ToolAccess.Execute, Summary = "run x", Command = ["x", "a b", ""], Arguments = "{}" };
    private readonly FakeTimeProvider _time = new();
    private readonly TestConsole _console = new();
    private readonly Channel<string> _typed = Channel.CreateUnbounded<string>();
    private readonly LivePanel _panel;
    private readonly TerminalApprover _approver;

    public TerminalApproverTests()
    {
        _panel = new(TextWriter.Null, redraw: false, _time, () => 80);
        var person = new Person(true, Read, () => { });
        _approver = new(person, _console, _panel, _time);
    }

    public void Dispose()
    {
        _typed.Writer.TryComplete();
        _approver.Dispose();
        _panel.Dispose();
        _console.Dispose();
    }

    [Fact]
    public async Task No_answer_until_the_deadline_is_a_refusal()
    {
        var asked = _approver.AskAsync(ScriptedSession.Request(Action, _time.GetUtcNow().AddMinutes(5).ToUnixTimeMilliseconds()), TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(ApprovalAnswer.Expired, await asked);
    }

    [Fact]
    public async Task A_question_that_is_too_late_already_takes_no_answer()
    {
        Say("y");
        Assert.Equal(ApprovalAnswer.Expired, await _approver.AskAsync(ScriptedSession.Request(Action, _time.GetUtcNow().ToUnixTimeMilliseconds() - 1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Stopping_ends_the_question()
    {
        using var stop = new CancellationTokenSource();
        var asked = _approver.AskAsync(ScriptedSession.Request(Action), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Fact]
    public async Task Two_questions_at_once_are_asked_one_after_the_other()
    {
        var first = _approver.AskAsync(ScriptedSession.Request(Action), TestContext.Current.CancellationToken);
        var second = _approver.AskAsync(ScriptedSession.Request(Action with { Summary = "run y" }), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("run y", _console.Output, StringComparison.Ordinal);
        Say("y");
        Assert.Equal(ApprovalAnswer.Once, await first);
        Say("n");
        Assert.Equal(ApprovalAnswer.Denied, await second);
    }

    [Fact]
    public void Words_with_spaces_and_empty_ones_are_quoted() => Assert.Equal(["$ x 'a b' ''"], ActionText.Lines(Action));

    private void Say(string line) => _typed.Writer.TryWrite(line);

    // Blocks as a terminal does.
    private string? Read() => _typed.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult() && _typed.Reader.TryRead(out var line) ? line : null;
}
