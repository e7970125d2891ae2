using System.Text.Json;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Terminal;
using EdgeCoder.Tests.Repositories;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Terminal;

public sealed class RepositorySessionViewTests : IDisposable
{
    private readonly TestConsole _console = new() { Profile = { Width = 8192 } };
    private readonly LivePanel _panel = new(TextWriter.Null, redraw: false, new FakeTimeProvider(), () => 80);
    private readonly RepositorySessionView _view;

    public RepositorySessionViewTests() => _view = new(_console, _panel);

    public void Dispose()
    {
        _panel.Dispose();
        _console.Dispose();
    }

    [Fact]
    public void A_tool_call_is_one_line_with_what_it_changed()
    {
        Call("1", "edit src/dates.py");
        _view.Show(Diff("1", "+a\n-b\n+c\n"));
        _view.Show(new ToolResultEvent { Id = "1", Result = "a very long result that nobody reads" });
        Assert.Equal("• edit src/dates.py  +2 −1\n", _console.Output);
    }

    [Fact]
    public void A_command_that_failed_shows_its_exit_code_and_last_words()
    {
        Call("1", "run make");
        _view.Show(new ShellOutputEvent { Id = "1", Stdout = "", Stderr = "one\ntwo\nthree\nfour\nfive [red]\u001b[2J", ExitCode = 2, DurationMs = 1500 });
        _view.Show(new ToolResultEvent { Id = "1", Result = "exit 2" });
        Assert.StartsWith("✗ run make  exit 2, 1.5 s\n    two\n", _console.Output, StringComparison.Ordinal);
        Assert.Contains("five [red]␛[2J", _console.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("    one", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_call_says_why()
    {
        Call("1", "run curl x");
        _view.Show(new ApprovalEvent { Id = "1", Decision = "expired", By = "nobody" });
        _view.Show(new ToolResultEvent { Id = "1", Error = "refused:\nnobody agreed" });
        Assert.Contains("nobody answered, so it is refused", _console.Output, StringComparison.Ordinal);
        Assert.Contains("refused: ⏎ nobody agreed", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_models_words_of_a_plan_are_not_shown_twice()
    {
        _view.Show(new StatusEvent { State = SessionState.Planning, Message = "Planning" });
        _view.Show(new TextEvent { Content = "1. Do it.\n" });
        _view.Show(new PlanEvent { Steps = [new() { Index = 1, Description = "Do it.", Status = PlanStepStatus.Pending }] });
        Assert.Equal(1, _console.Output.Split("1. Do it.").Length - 1);
        _view.Show(new StatusEvent { State = SessionState.Coding, Message = "Working" });
        _view.Show(new TextEvent { Content = "I do it now" });
        _view.Show(new PlanEvent { Steps = [new() { Index = 1, Description = "Do it.", Status = PlanStepStatus.Completed }] });
        Assert.Contains("I do it now\n", _console.Output, StringComparison.Ordinal);
        Assert.Contains("✓ 1. Do it.", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_shows_the_change_the_tests_and_the_verdict()
    {
        _view.Show(Diff("review", " one\n-two\n+zwei\n", "runs in CI"));
        var done = new ScriptedSession(new() { Root = "/p" }, new EdgeCoder.Repositories.UnattendedApprover(), new(), []).Done(SessionOutcome.Succeeded);
        _view.Show(done with { Execution = done.Execution with { TestReport = ScriptedSession.Report(3) } });
        foreach (var part in (string[])["src/dates.py  +1 −1", "! runs in CI", "  -two", "  +zwei", "✓ 3 tests passed (unittest, 1.2 s)", "Succeeded The project's tests pass.", "4 tool calls"])
        {
            Assert.Contains(part, _console.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(SessionOutcome.Failed)]
    [InlineData(SessionOutcome.Unverified)]
    [InlineData(SessionOutcome.BudgetExhausted)]
    [InlineData(SessionOutcome.Cancelled)]
    [InlineData(SessionOutcome.Escalated)]
    public void No_other_outcome_looks_like_success(SessionOutcome outcome)
    {
        _view.Show(new ScriptedSession(new() { Root = "/p" }, new EdgeCoder.Repositories.UnattendedApprover(), new(), []).Done(outcome));
        Assert.DoesNotContain("Succeeded", _console.Output, StringComparison.Ordinal);
        Assert.Contains("It did not get there.", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_that_are_no_pass_are_not_called_one()
    {
        Assert.Equal("no test ran (unittest, 1.2 s)", TestReportView.Line(ScriptedSession.Report(0)));
        Assert.Contains("ended before its tests did", TestReportView.Line(ScriptedSession.Report(2) with { Complete = false }), StringComparison.Ordinal);
        Assert.Contains("all 2 tests skipped", TestReportView.Line(ScriptedSession.Report(0) with { Total = 2, Skipped = 2 }), StringComparison.Ordinal);
    }

    private void Call(string id, string summary) =>
        _view.Show(new ToolCallEvent { Id = id, Tool = "x", Args = JsonDocument.Parse("{}").RootElement, Summary = summary, RequiresApproval = false });

    private static DiffEvent Diff(string id, string content, string? caution = null) => new()
    {
        Id = id, File = "src/dates.py", Kind = FileChangeKind.Modified, Caution = caution, Hunks = [new() { OldStart = 1, OldLines = 2, NewStart = 1, NewLines = 2, Content = content }],
    };
}
