using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.TestCommands;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Commands;

/// <summary><c>run_tests</c>: the project's own tests in the sandbox, and what they said (agent-executor-models 2.3, 2.8).</summary>
internal sealed class RunTestsTool(ProjectCommands commands, ProjectTests tests) : ITool
{
    private const int MostFailures = 20;
    private const int MostHidden = 5;
    private const int LongestMessage = 2_500;
    private const int LongestValue = 500;

    // The failure that passes it, the output and the advice still fit within 64 KiB.
    private const int FailureBytes = 36 << 10;
    private const int OutputBytes = 6 << 10;

    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"properties":{
        "selection":{"type":"string","description":"Part of the tests: a name, file or pattern as the project's runner takes it. Default: all."}}}
        """);

    /// <inheritdoc/>
    public string Name => "run_tests";

    /// <inheritdoc/>
    public string Description => "Runs the project's tests in the sandbox and tells which failed, with expected and actual values.";

    /// <inheritdoc/>
    public JsonElement Schema => Shape;

    /// <inheritdoc/>
    public ToolAccess Access => ToolAccess.Execute;

    /// <inheritdoc/>
    public ToolAction Describe(JsonElement arguments)
    {
        // The question whether pytest is there is asked once, for some tens of milliseconds; from then on this only looks at files.
        var command = Command(tests.FindAsync(CancellationToken.None).GetAwaiter().GetResult());
        var selection = arguments.TextOrNull("selection");
        if (selection is not null)
        {
            TestSelection.Arguments(command.Runner, selection);
        }

        return new ToolAction
        {
            Tool = Name,
            Access = Access,
            Summary = $"run the tests: {command}{(selection is null ? "" : $", selected: {selection}")}",
            Because = command.Reason,
            Command = command.Arguments,
            Arguments = arguments.Canonical(),
        };
    }

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var command = Command(await tests.FindAsync(cancellationToken).ConfigureAwait(false));
        call.Emit(new ShellRequestEvent { Id = call.Id, Command = command.Arguments, Cwd = ".", Network = false });
        var run = await tests.RunAsync(command, call.Arguments.TextOrNull("selection"), cancellationToken).ConfigureAwait(false);
        call.Emit(CommandResult.Event(call.Id, run.Outcome));
        call.Emit(new TestReportEvent { Iteration = tests.Runs, Report = run.Report });
        var hidden = run.Report.IsPass ? [] : await commands.Denied(cancellationToken).ConfigureAwait(false);
        return new ToolResult { Text = Text(run, hidden), Tests = run.Report, Sandbox = run.Outcome.Sandbox, Truncated = run.Outcome.Stdout.Dropped + run.Outcome.Stderr.Dropped > 0, Unavailable = CommandResult.WhyUnavailable(run.Outcome) };
    }

    private static TestCommand Command(TestDetection found) => found.Command ?? throw new ToolException($"no_test_command: {found.Problem}");

    private string Text(ProjectTestRun run, IReadOnlyList<string> hidden)
    {
        if (run.Outcome.End == CommandEnd.Unavailable)
        {
            return CommandResult.Ending(run.Outcome, commands.TestTime);
        }

        var report = run.Report;
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{(report.IsPass ? "PASSED" : "NOT PASSED")}: {report.Total} tests, {report.Passed} passed, {report.Failed} failed, {report.Errored} errored, {report.Skipped} skipped; {CommandResult.Ending(run.Outcome, commands.TestTime)}.");
        if (report.Total == 0 || report.Passed + report.Failed + report.Errored == 0)
        {
            text.AppendLine("No test ran, so nothing is proven.");
        }
        else if (!report.Complete)
        {
            text.AppendLine("The report is not complete: the run did not come to its end, or what it reported is cut off.");
        }

        if (run.Flaky.Count > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Flaky, failed and then passed: {string.Join(", ", run.Flaky.Take(MostFailures))}");
        }

        var bad = report.Cases.Where(one => one.Status is TestStatus.Failed or TestStatus.Errored).ToList();
        var shown = 0;
        while (shown < Math.Min(bad.Count, MostFailures) && Encoding.UTF8.GetByteCount(text.ToString()) < FailureBytes)
        {
            Add(text, bad[shown++]);
        }

        if (bad.Count > shown)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"[{bad.Count - shown} more failures are not shown]");
        }

        if (!report.IsPass)
        {
            AddOutput(text, run);
        }

        if (hidden.Count > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Tests that read these find them empty, because the secret-file policy hides them: {string.Join(", ", hidden.Take(MostHidden))}{(hidden.Count > MostHidden ? $" and {hidden.Count - MostHidden} more" : "")}.");
        }

        return text.ToString().TrimEnd();
    }

    private static void Add(StringBuilder text, TestCase one)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"{(one.Status == TestStatus.Errored ? "ERROR" : "FAIL")} {one.Name}");
        if (one.Expected is not null)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  expected: {Value(one.Expected)}").AppendLine(CultureInfo.InvariantCulture, $"  actual: {Value(one.Actual)}");
        }

        if (one.Message is { } message)
        {
            text.AppendLine(message.Length > LongestMessage ? $"{message[..(LongestMessage / 2)]}\n[…]\n{message[^(LongestMessage / 2)..]}" : message);
        }
    }

    private static string? Value(string? value) => value is { Length: > LongestValue } ? value[..LongestValue] + " […]" : value;

    private void AddOutput(StringBuilder text, ProjectTestRun run)
    {
        var (stdout, stderr) = (PlainOutput.Of(run.Outcome.Stdout, OutputBytes).Text.Trim(), PlainOutput.Of(run.Outcome.Stderr, OutputBytes).Text.Trim());
        if (stdout.Length > 0)
        {
            text.AppendLine("--- stdout").AppendLine(stdout);
        }

        if (stderr.Length > 0)
        {
            text.AppendLine("--- stderr").AppendLine(stderr);
        }

        if (DependencyRestore.Advice(tests.Tree, stdout + stderr) is { } advice)
        {
            text.AppendLine(advice);
        }
    }
}
