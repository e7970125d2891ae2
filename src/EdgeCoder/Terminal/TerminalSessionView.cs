using System.Globalization;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using Spectre.Console;

namespace EdgeCoder.Terminal;

/// <summary>The session as a person reads it: plan, tests, code, result, and what it took.</summary>
internal sealed class TerminalSessionView(IAnsiConsole console, ProgressLine progress) : ISessionView
{
    private const int OutputLinesShown = 12;
    private string? _shownPlan;
    private string? _shownError;
    private int _shownIteration;

    /// <inheritdoc/>
    public void Show(SessionEvent sessionEvent)
    {
        if (sessionEvent is DoneEvent)
        {
            progress.Clear();
        }
        else if (sessionEvent is not (StatusEvent or TextEvent or UsageEvent))
        {
            progress.Erase();
        }

        switch (sessionEvent)
        {
            case StatusEvent status:
                progress.Show(status.Message);
                break;
            case PlanEvent plan:
                ShowPlan(plan);
                break;
            case CodeEvent code:
                ShowCode(code);
                break;
            case RunResultEvent run:
                ShowRun(run);
                break;
            case EscalationEvent escalation:
                console.WriteLine(SafeText.ForTerminal(escalation.Message));
                break;
            case ErrorEvent error:
                ShowError(error.Message, error.Hint);
                break;
            case DoneEvent done:
                EndView.Show(console, done.Execution, Summary(done.Execution));
                break;
            default:
                // Text pieces and usage counts repeat what the events above show whole.
                break;
        }
    }

    private void ShowError(string message, string? hint)
    {
        _shownError = message;
        console.MarkupLineInterpolated($"[red]{SafeText.ForTerminal(message)}[/]");
        if (hint is not null)
        {
            console.WriteLine(SafeText.ForTerminal(hint));
        }
    }

    private void ShowPlan(PlanEvent plan)
    {
        // The plan comes again whenever a step's state changes; its text is news only once.
        var text = string.Join('\n', plan.Steps.Select(step => string.Create(CultureInfo.InvariantCulture, $"  {step.Index}. {step.Description}")));
        if (text == _shownPlan)
        {
            return;
        }

        _shownPlan = text;
        Heading("Plan", "");
        console.WriteLine(SafeText.ForTerminal(text));
        console.WriteLine();
    }

    private void ShowCode(CodeEvent code)
    {
        var by = code.By == "model" ? "" : code.By == "acceptance" ? "yours" : code.By;
        var again = code.Kind == CodeKind.Code && code.Iteration > 1 ? string.Create(CultureInfo.InvariantCulture, $"attempt {code.Iteration}") : "";
        Heading(code.Kind == CodeKind.Tests ? "Tests" : "Code", string.Join("  ", new[] { code.File, by, again }.Where(part => part.Length > 0)));
        foreach (var line in SafeText.ForTerminal(code.Content).TrimEnd().Split('\n'))
        {
            console.WriteLine("  " + line);
        }

        console.WriteLine();
    }

    private void ShowRun(RunResultEvent run)
    {
        _shownIteration = run.Iteration;
        var result = run.Result;
        Heading("Result", run.Iteration > 1 ? string.Create(CultureInfo.InvariantCulture, $"attempt {run.Iteration}") : "");
        if (result.Tests is { } report)
        {
            foreach (var test in report.Cases)
            {
                ShowCase(test);
            }

            if (!report.Complete)
            {
                console.MarkupLine("  [red]the program ended before its tests did[/]");
            }
        }

        if (!result.Ok)
        {
            ShowFault(result);
        }

        console.WriteLine();
    }

    private void ShowCase(TestCase test)
    {
        var mark = test.Status switch
        {
            TestStatus.Passed => "[green]✓[/]",
            TestStatus.Skipped => "[yellow]-[/]",
            TestStatus.Failed or TestStatus.Errored => "[red]✗[/]",
            _ => throw new ArgumentOutOfRangeException(nameof(test), test.Status, null),
        };
        console.MarkupLine($"  {mark} {Markup.Escape(SafeText.ForTerminal(test.Name))}");
        if (test.Status is TestStatus.Failed or TestStatus.Errored)
        {
            if (test.Expected is not null || test.Actual is not null)
            {
                console.MarkupLineInterpolated($"      expected {SafeText.ForTerminal(test.Expected ?? "?")}");
                console.MarkupLineInterpolated($"      got      {SafeText.ForTerminal(test.Actual ?? "?")}");
            }
            else if (test.Message is not null)
            {
                Indented(test.Message, "      ");
            }
        }
    }

    private void ShowFault(RunResult result)
    {
        var reason = result.QueueReason switch
        {
            QueueReason.OutsideSubset => "refused before running",
            QueueReason.SyntaxError => "does not parse",
            QueueReason.RuntimeError when result.Tests is { Failed: > 0 } or { Errored: > 0 } => "",
            QueueReason.RuntimeError => "ended with an error",
            QueueReason.Timeout => string.Create(CultureInfo.InvariantCulture, $"did not end within {result.Limits.WallMs / 1000.0:0.#} s"),
            QueueReason.MemoryLimit => string.Create(CultureInfo.InvariantCulture, $"used more than {result.Limits.MemoryBytes >> 20} MiB"),
            QueueReason.OutputLimit => "wrote too much",
            QueueReason.SandboxUnavailable => "could not be isolated",
            QueueReason.PolicyDenied => "is not allowed here",
            null => "",
            _ => throw new ArgumentOutOfRangeException(nameof(result), result.QueueReason, null),
        };
        if (reason.Length > 0)
        {
            console.MarkupLineInterpolated($"  [red]the program {reason}[/]");
            Indented(result.Stderr.Length > 0 ? result.Stderr : result.Detail?.Message ?? "", "  ");
        }
    }

    private string Summary(AgentExecution execution)
    {
        if (execution.Outcome == SessionOutcome.Succeeded && execution.RunResult?.Tests is { } report)
        {
            var tests = string.Create(CultureInfo.InvariantCulture, $"{report.Passed} {(report.Passed == 1 ? "test" : "tests")} passed");
            var whose = execution.TestsBy == "model" ? "; the model wrote them, so read them before you trust the code" : "";
            var attempts = _shownIteration > 1 ? string.Create(CultureInfo.InvariantCulture, $" at attempt {_shownIteration}") : "";
            return $"{tests}{attempts}{whose}.";
        }

        // What an error event has just said is not said again.
        return execution.OutcomeMessage is { } message && message != _shownError ? message : "";
    }

    private void Heading(string title, string note) =>
        console.MarkupLine(note.Length == 0 ? $"[bold]{title}[/]" : $"[bold]{title}[/]  [dim]{Markup.Escape(SafeText.ForTerminal(note))}[/]");

    private void Indented(string text, string indent)
    {
        var lines = SafeText.ForTerminal(text).TrimEnd().Split('\n');
        // The last lines of an error say what went wrong; the first say where from.
        var skipped = Math.Max(0, lines.Length - OutputLinesShown);
        if (skipped > 0)
        {
            console.MarkupLineInterpolated($"{indent}[dim]… {skipped} lines above[/]");
        }

        foreach (var line in lines.Skip(skipped))
        {
            console.WriteLine(indent + line);
        }
    }
}
