using System.Globalization;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using Spectre.Console;

namespace EdgeCoder.Terminal;

/// <summary>
/// Repository work as a person reads it: the model's text as it streams, a plan that stays in sight, one line for each tool call, the tests, the change, and
/// what it took. Everything that came from the model or a tool goes through <see cref="SafeText"/>.
/// </summary>
internal sealed class RepositorySessionView : ISessionView
{
    private const int MostOutput = 4;
    private readonly IAnsiConsole _console;
    private readonly LivePanel _panel;
    private readonly TextStream _text;
    private readonly Dictionary<string, ToolCallEvent> _calls = [];
    private readonly Dictionary<string, ShellOutputEvent> _outputs = [];
    private readonly List<ChangedFile> _change = [];
    private TestReport? _report;
    private string _doing = "";
    private Dictionary<int, PlanStepStatus> _plan = [];
    private readonly Dictionary<string, List<string>> _touched = [];
    private SessionState _state;
    private string? _shownError;

    public RepositorySessionView(IAnsiConsole console, LivePanel panel)
    {
        (_console, _panel) = (console, panel);
        _text = new(panel.Redraws ? () => panel.Width : null);
    }

    /// <summary>Whether the person's own words are shown; they saw them when they typed them.</summary>
    public bool ShowsPrompts { get; init; }

    /// <inheritdoc/>
    public void Show(SessionEvent sessionEvent)
    {
        if (sessionEvent is TextEvent text)
        {
            var lines = _text.Add(text.Content);
            if (_state != SessionState.Planning)
            {
                Print(lines);
            }

            _panel.ShowText(_text.Rest.Length > 0 || _state != SessionState.Planning ? _text.Rest : lines.LastOrDefault() ?? "");
            return;
        }

        if (sessionEvent is StatusEvent or UsageEvent)
        {
            ShowWhole(sessionEvent);
            return;
        }

        _panel.Pause();
        try
        {
            var rest = _text.Finish();
            // A plan that streams comes again as a plan.
            if (_state != SessionState.Planning)
            {
                Print(rest);
            }

            _panel.ShowText("");
            ShowWhole(sessionEvent);
        }
        finally
        {
            _panel.Resume();
        }
    }

    private void ShowWhole(SessionEvent sessionEvent)
    {
        switch (sessionEvent)
        {
            case StatusEvent status:
                _state = status.State;
                _doing = status.Message;
                _panel.Show(status.Message);
                break;
            case UsageEvent usage:
                _panel.ShowCounts(string.Create(CultureInfo.InvariantCulture, $"{Thousands(usage.Usage.PromptTokens)} + {Thousands(usage.Usage.CompletionTokens)} tokens, {usage.Usage.WallMs / 1000} s"));
                break;
            case PlanEvent plan:
                ShowPlan(plan);
                break;
            case ToolCallEvent call:
                _calls[call.Id] = call;
                _panel.Show(call.Summary);
                break;
            case ToolResultEvent result:
                ShowTool(result);
                break;
            case ShellOutputEvent output:
                _outputs[output.Id] = output;
                break;
            case TestReportEvent tests:
                // The call that ran them ends next, and its line comes first.
                _report = tests.Report;
                if (_calls.Count == 0)
                {
                    _console.MarkupLineInterpolated($"[dim]{OneLine(_doing)}[/]");
                    ShowReport();
                }

                break;
            case ApprovalEvent approval:
                ShowApproval(approval);
                break;
            case DiffEvent diff:
                ShowDiff(diff);
                break;
            case EscalationEvent escalation:
                _console.MarkupLineInterpolated($"[yellow]{SafeText.ForTerminal(escalation.Message)}[/]");
                break;
            case ErrorEvent error:
                ShowError(error);
                break;
            case ReviewEvent review:
                _console.MarkupLineInterpolated($"{(review.Done ? "✓" : "✗")} {SafeText.ForTerminal(review.Message)}");
                break;
            case PromptEvent prompt when ShowsPrompts:
                _console.MarkupLineInterpolated($"[bold]› {SafeText.ForTerminal(prompt.Content)}[/]");
                break;
            case PromptEvent or ShellRequestEvent or SavePointEvent or CodeEvent or RunResultEvent:
                // The person's own words, and what the tool's line says too.
                break;
            case DoneEvent done:
                ShowEnd(done.Execution);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(sessionEvent), sessionEvent.GetType().Name, null);
        }
    }

    private void Print(IReadOnlyList<string> lines)
    {
        if (lines.Count > 0)
        {
            _panel.Pause();
            foreach (var line in lines)
            {
                _console.WriteLine(line);
            }

            _panel.Resume();
        }
    }

    // In a terminal the panel keeps the plan in sight, so only its first form goes into the scroll; elsewhere each step that changes is a line.
    private void ShowPlan(PlanEvent plan)
    {
        var first = !plan.Steps.Select(step => step.Index).SequenceEqual(_plan.Keys.Order());
        if (first)
        {
            _console.MarkupLine("[bold]Plan[/]");
        }

        foreach (var step in plan.Steps.Where(step => first || (!_panel.Redraws && _plan.GetValueOrDefault(step.Index) != step.Status)))
        {
            WriteWrapped(PlanLine.Of(step), 7);
        }

        _plan = plan.Steps.GroupBy(step => step.Index).ToDictionary(steps => steps.Key, steps => steps.Last().Status);
        _panel.ShowPlan(plan.Steps);
    }

    private void ShowTool(ToolResultEvent result)
    {
        var what = _calls.Remove(result.Id, out var call) ? call.Summary : "tool";
        var output = _outputs.Remove(result.Id, out var shell) ? shell : null;
        var failed = result.Error is not null || output is { ExitCode: not 0 };
        var changed = _touched.Remove(result.Id, out var touched) ? touched : [];
        var note = output is null ? string.Join(", ", changed) : string.Create(CultureInfo.InvariantCulture, $"exit {output.ExitCode}{(output.Limits is { } limit ? $", {limit} limit" : "")}, {output.DurationMs / 1000.0:0.0} s");
        _console.MarkupLine($"{(failed ? "[red]✗[/]" : "[green]•[/]")} {Markup.Escape(Fit(SafeText.ForTerminal(what).Trim(), 5 + note.Length))}{(note.Length > 0 ? $"  [dim]{Markup.Escape(note)}[/]" : "")}");
        if (result.Error is { } error)
        {
            _console.MarkupLineInterpolated($"    [red]{OneLine(error)}[/]");
        }
        else if (_report is not null)
        {
            ShowReport();
        }
        else if (output is { ExitCode: not 0 } bad)
        {
            var lines = SafeText.ForTerminal(bad.Stderr.Trim().Length > 0 ? bad.Stderr : bad.Stdout).TrimEnd().Split('\n');
            foreach (var line in lines.TakeLast(MostOutput).Where(line => line.Trim().Length > 0))
            {
                _console.MarkupLineInterpolated($"    [dim]{Fit(line, 4)}[/]");
            }
        }
    }

    private void ShowReport()
    {
        TestReportView.Show(_console, _report!, "  ", _panel.Redraws ? _panel.Width - 1 : int.MaxValue);
        _report = null;
    }

    private void ShowApproval(ApprovalEvent approval)
    {
        var text = (approval.Decision, approval.By) switch
        {
            ("denied", "person") => "you said no",
            ("denied", _) => $"refused by {approval.By}{Rule(approval)}",
            ("expired", _) => "nobody answered, so it is refused",
            (_, "rule") => $"allowed by rule{Rule(approval)}",
            _ => null,
        };
        if (text is not null)
        {
            _console.MarkupLineInterpolated($"    [yellow]{OneLine(text)}[/]");
        }
    }

    private static string Rule(ApprovalEvent approval) => approval.Rule is { } rule ? $": {rule}" : "";

    private void ShowDiff(DiffEvent diff)
    {
        var file = ChangedFile.Of(diff);
        if (diff.Id == "review")
        {
            _change.Add(file);
        }
        else
        {
            // The file's change so far; its tool call, which ends next, shows it.
            (_touched.TryGetValue(diff.Id, out var touched) ? touched : _touched[diff.Id] = []).Add(DiffView.Note(file));
        }
    }

    private void ShowError(ErrorEvent error)
    {
        _shownError = error.Message;
        _console.MarkupLineInterpolated($"[red]{SafeText.ForTerminal(error.Message)}[/]");
        if (error.Hint is not null)
        {
            _console.WriteLine(SafeText.ForTerminal(error.Hint));
        }
    }

    private void ShowEnd(AgentExecution execution)
    {
        _panel.Clear();
        _console.WriteLine();
        if (_change.Count > 0)
        {
            DiffView.Show(_console, _change, $"All of it: edgecoder diff {execution.SessionId}");
            _console.WriteLine();
        }

        if (execution.TestReport is { } report)
        {
            TestReportView.Show(_console, report, "", _panel.Redraws ? _panel.Width - 1 : int.MaxValue);
        }

        EndView.Show(_console, execution, Summary(execution), _panel.Redraws ? _panel.Width - 1 : int.MaxValue);
        _console.WriteLine();
        _change.Clear();
        _calls.Clear();
        _outputs.Clear();
        _touched.Clear();
        _report = null;
        _plan = [];
        _shownError = null;
    }

    private string Summary(AgentExecution execution)
    {
        if (execution.Outcome == SessionOutcome.Succeeded)
        {
            return execution.TestsBy == "model" ? "Only tests that the model wrote; read them before you trust the change." : "The project's tests pass.";
        }

        // What an error event has just said is not said again.
        return execution.OutcomeMessage is { } message && message != _shownError ? message : "";
    }

    private void WriteWrapped(string line, int indent)
    {
        foreach (var part in _panel.Redraws ? TextColumns.WrapHanging(line, _panel.Width - 1, indent) : [line])
        {
            _console.WriteLine(part);
        }
    }

    private string OneLine(string text) => Fit(SafeText.ForTerminal(text).Trim(), 6);

    private string Fit(string text, int used)
    {
        var line = text.ReplaceLineEndings(" ⏎ ").Replace('\t', ' ');
        return _panel.Redraws ? TextColumns.Cut(line, Math.Max(20, _panel.Width - used)) : line;
    }

    private static string Thousands(long count) => count < 1000 ? count.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{count / 1000.0:0.0}k");
}
