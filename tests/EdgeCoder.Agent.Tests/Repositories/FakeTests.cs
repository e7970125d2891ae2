using EdgeCoder.Agent.Files;
using System.Text.Json;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>A <c>run_tests</c> whose tests are a function of the worktree's files, so that a scenario decides what passes. It counts its runs.</summary>
internal sealed class FakeTests(IWorkspace workspace, Func<Func<string, string>, IReadOnlyList<TestCase>> judge, Action<int> ran) : ITool
{
    private static readonly JsonElement None = JsonDocument.Parse("""{"type":"object","properties":{"selection":{"type":"string"}},"additionalProperties":false}""").RootElement.Clone();
    private int _runs;

    public string Name => "run_tests";

    public string Description => "Runs the tests.";

    public JsonElement Schema => None;

    public ToolAccess Access => ToolAccess.Execute;

    public ToolAction Describe(JsonElement arguments) =>
        new() { Tool = Name, Access = Access, Summary = "run the tests", Command = ["fake", "tests"], Arguments = arguments.Canonical() };

    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ran(++_runs);
        File.WriteAllText(Path.Combine(workspace.Directory, "litter.tmp"), "left by the tests");
        var cases = judge(path => Path.Combine(workspace.Directory, path) is var file && File.Exists(file) ? File.ReadAllText(file) : "");
        var report = new TestReport
        {
            Framework = "fake",
            Total = cases.Count,
            Passed = cases.Count(c => c.Status == TestStatus.Passed),
            Failed = cases.Count(c => c.Status == TestStatus.Failed),
            Skipped = cases.Count(c => c.Status == TestStatus.Skipped),
            Errored = cases.Count(c => c.Status == TestStatus.Errored),
            DurationMs = 1,
            Cases = cases,
            Complete = true,
        };
        var text = string.Join('\n', cases.Select(c => $"{c.Name}: {c.Status}{(c.Expected is null ? "" : $" expected {c.Expected} actual {c.Actual}")}"));
        return Task.FromResult(new ToolResult { Text = text, Tests = report });
    }

    /// <summary>A case that passes when <paramref name="passes"/>.</summary>
    public static TestCase Case(string name, bool passes, string? expected = null, string? actual = null) =>
        new() { Name = name, Status = passes ? TestStatus.Passed : TestStatus.Failed, DurationMs = 1, Expected = passes ? null : expected, Actual = passes ? null : actual };
}
