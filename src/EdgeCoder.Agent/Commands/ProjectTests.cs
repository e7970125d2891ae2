using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.TestCommands;
using EdgeCoder.Agent.TestCommands.Reports;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Commands;

/// <summary>One run of a project's tests.</summary>
/// <param name="Invocation">What was run.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Report">What the runner told. Cases that failed and passed when run again count as passed and say that they are flaky.</param>
/// <param name="Flaky">Names of those.</param>
internal sealed record ProjectTestRun(TestInvocation Invocation, CommandOutcome Outcome, TestReport Report, IReadOnlyList<string> Flaky);

/// <summary>Finds and runs the tests of a worktree (agent-executor-models 2.8).</summary>
internal sealed class ProjectTests
{
    private const int LargestReport = 64 << 20;
    private const int MostReports = 2_000;
    private const int OutputBytes = 32 << 20;

    // Longer runs are not repeated to find out what is flaky.
    private static readonly TimeSpan LongestRepeated = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(20);

    private readonly ProjectCommands commands;
    private readonly IReadOnlyList<string>? given;
    private readonly HashSet<string> passed = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private Task<bool>? pytest;
    private int runs;

    /// <summary>Tests of a worktree.</summary>
    /// <param name="commands">How commands are run there.</param>
    /// <param name="given">The command that the caller or a person named; null: it is found.</param>
    public ProjectTests(ProjectCommands commands, IReadOnlyList<string>? given)
    {
        this.commands = commands;
        this.given = given;
        Tree = new ProjectTree(commands.Root, commands.Dependencies);
    }

    /// <summary>What detection looks at.</summary>
    public ProjectTree Tree { get; }

    /// <summary>Runs so far.</summary>
    public int Runs => runs;

    /// <summary>Finds the command, as the tree is now.</summary>
    public Task<TestDetection> FindAsync(CancellationToken cancellationToken) => new TestDetector(Tree, HasPytestAsync).FindAsync(given, cancellationToken);

    /// <summary>Runs the tests. Cases that passed before in this session and fail now are run once more, to tell the flaky ones.</summary>
    /// <param name="command">The command.</param>
    /// <param name="selection">Part of the tests; null: all.</param>
    /// <param name="cancellationToken">Cancels; then it throws.</param>
    /// <exception cref="ToolException">The selection is none.</exception>
    public async Task<ProjectTestRun> RunAsync(TestCommand command, string? selection, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref runs);
        var first = await OnceAsync(command, selection, cancellationToken).ConfigureAwait(false);
        var suspects = Suspects(first.Report);
        if (suspects.Count > 0 && first.Outcome.End == CommandEnd.Exited && first.Outcome.Duration < LongestRepeated)
        {
            var again = await OnceAsync(command, selection, cancellationToken).ConfigureAwait(false);
            first = FlakyCases.Mark(first, again.Report, suspects);
        }

        Remember(first.Report);
        return first;
    }

    private async Task<ProjectTestRun> OnceAsync(TestCommand command, string? selection, CancellationToken cancellationToken)
    {
        var (directory, target) = commands.NewReports();
        try
        {
            var begin = DateTime.MinValue;
            var invocation = TestInvocation.Of(command, selection, target, Tree.UsesTestingPlatform);
            var run = await commands.CommandAsync(invocation.Arguments, ProjectPath.Root, cancellationToken).ConfigureAwait(false);
            run = run with
            {
                Mounts = [.. run.Mounts, new(directory, target, Writable: true)],
                Limits = new CommandLimits { Time = commands.TestTime, OutputBytes = OutputBytes },
            };
            begin = Stamp(directory);
            var outcome = await commands.Sandbox.RunAsync(run, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            var files = invocation.InWorktree ? ReportFiles.InWorktree(commands.Root, begin, LargestReport, MostReports) : ReportFiles.In(directory, invocation.ReportPattern, LargestReport);
            return new ProjectTestRun(invocation, outcome, TestReading.Read(command, invocation.Form, outcome, files), []);
        }
        finally
        {
            ReportFiles.Remove(directory);
        }
    }

    private List<string> Suspects(TestReport report)
    {
        lock (gate)
        {
            return [.. report.Cases.Where(one => one.Status is TestStatus.Failed or TestStatus.Errored && passed.Contains(one.Name)).Select(one => one.Name)];
        }
    }

    private void Remember(TestReport report)
    {
        lock (gate)
        {
            passed.UnionWith(report.Cases.Where(one => one.Status == TestStatus.Passed).Select(one => one.Name));
        }
    }

    // The file system's own clock, for files that are compared with it.
    private static DateTime Stamp(string directory) => Directory.GetLastWriteTimeUtc(directory);

    private Task<bool> HasPytestAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return (pytest ??= ProbeAsync()).WaitAsync(cancellationToken);
        }
    }

    private async Task<bool> ProbeAsync()
    {
        var command = await commands.CommandAsync([Tree.Python, "-c", "import pytest"], ProjectPath.Root, CancellationToken.None).ConfigureAwait(false);
        var outcome = await commands.Sandbox.RunAsync(command with { Limits = new CommandLimits { Time = ProbeTime, OutputBytes = 4096 } }, CancellationToken.None).ConfigureAwait(false);
        return outcome is { End: CommandEnd.Exited, ExitCode: 0 };
    }
}
