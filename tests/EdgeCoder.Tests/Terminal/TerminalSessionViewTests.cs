using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Terminal;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Terminal;

public sealed class TerminalSessionViewTests : IDisposable
{
    private static readonly RunLimits Limits = new() { WallMs = 4000, CpuMs = 4000, MemoryBytes = 256 << 20, OutputBytes = 65536, ScratchBytes = 16 << 20, Processes = 32, OpenFiles = 64 };
    private readonly TestConsole _console = new() { Profile = { Width = 8192 } };
    private readonly ProgressLine _progress = new(TextWriter.Null, redraw: false, new FakeTimeProvider(), () => 80);
    private readonly TerminalSessionView _view;

    public TerminalSessionViewTests() => _view = new(_console, _progress);

    public void Dispose()
    {
        _progress.Dispose();
        _console.Dispose();
    }

    [Fact]
    public void A_plan_is_printed_once_although_its_states_change()
    {
        _view.Show(Plan(PlanStepStatus.Pending));
        _view.Show(Plan(PlanStepStatus.Completed));
        Assert.Equal(1, _console.Output.Split("1. Define merge(a, b)").Length - 1);
    }

    [Fact]
    public void Code_is_printed_as_it_is_brackets_and_escapes_included()
    {
        _view.Show(new CodeEvent { Kind = CodeKind.Code, Iteration = 1, Language = "python", File = "solution.py", By = "model", Content = "x = a[0] + '[red]'\nprint('\u001b[2J')\n" });
        Assert.Contains("  x = a[0] + '[red]'\n  print('␛[2J')\n", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failing_test_shows_what_was_wanted_and_what_came()
    {
        _view.Show(new RunResultEvent { Iteration = 2, Result = Result(QueueReason.RuntimeError, new TestCase { Name = "merge({}, {})", Status = TestStatus.Failed, DurationMs = 1, Expected = "{}", Actual = "None" }) });
        Assert.Contains("✗ merge({}, {})", _console.Output, StringComparison.Ordinal);
        Assert.Contains("expected {}", _console.Output, StringComparison.Ordinal);
        Assert.Contains("got      None", _console.Output, StringComparison.Ordinal);
        Assert.Contains("attempt 2", _console.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(QueueReason.Timeout, "did not end within 4 s")]
    [InlineData(QueueReason.MemoryLimit, "used more than 256 MiB")]
    [InlineData(QueueReason.OutsideSubset, "refused before running")]
    [InlineData(QueueReason.SyntaxError, "does not parse")]
    [InlineData(QueueReason.OutputLimit, "wrote too much")]
    public void Each_limit_says_which_one_it_was(QueueReason reason, string expected)
    {
        _view.Show(new RunResultEvent { Iteration = 1, Result = Result(reason) });
        Assert.Contains(expected, _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_without_its_end_is_called_so()
    {
        var result = Result(QueueReason.RuntimeError);
        _view.Show(new RunResultEvent { Iteration = 1, Result = result with { Tests = Report(false) } });
        Assert.Contains("ended before its tests did", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_says_which_model_where_it_ran_and_what_left_the_machine()
    {
        _view.Show(Done(SessionOutcome.Succeeded));
        foreach (var part in (string[])["Succeeded 1 test passed", "read them before you trust the code", "edgecoder-demo (edgecoder-local, sha256:0123456789ab)", "this machine, sandbox: namespaces; nothing left it"])
        {
            Assert.Contains(part, _console.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(SessionOutcome.Failed, "Failed It did not work.")]
    [InlineData(SessionOutcome.Unverified, "Not verified It did not work.")]
    [InlineData(SessionOutcome.BudgetExhausted, "Out of budget It did not work.")]
    [InlineData(SessionOutcome.Cancelled, "Cancelled It did not work.")]
    [InlineData(SessionOutcome.Escalated, "Handed on It did not work.")]
    public void No_other_outcome_looks_like_success(SessionOutcome outcome, string expected)
    {
        _view.Show(Done(outcome));
        Assert.Contains(expected, _console.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Succeeded", _console.Output, StringComparison.Ordinal);
    }

    private static PlanEvent Plan(PlanStepStatus status) => new() { Steps = [new() { Index = 1, Description = "Define merge(a, b).", Status = status }] };

    private static RunResult Result(QueueReason? reason, params TestCase[] cases) => new()
    {
        Language = "python",
        Ok = reason is null,
        Stdout = "",
        Stderr = "",
        ExitCode = reason is null ? 0 : 1,
        DurationMs = 3,
        QueueForCloud = false,
        QueueReason = reason,
        Limits = Limits,
        Tests = cases.Length == 0 ? null : Report(true, cases),
    };

    private static TestReport Report(bool complete, params TestCase[] cases) => new()
    {
        Framework = "asserts",
        Total = cases.Length,
        Passed = cases.Count(test => test.Status == TestStatus.Passed),
        Failed = cases.Count(test => test.Status == TestStatus.Failed),
        Skipped = 0,
        Errored = 0,
        DurationMs = 1,
        Cases = cases,
        Complete = complete,
    };

    private static DoneEvent Done(SessionOutcome outcome)
    {
        var usage = new SessionUsage { ModelCalls = 3, WallMs = 800, OwnMs = 40 };
        var execution = new AgentExecution
        {
            SessionId = "s",
            Plan = [],
            Iterations = 1,
            History = [],
            Outcome = outcome,
            OutcomeMessage = outcome == SessionOutcome.Succeeded ? null : "It did not work.",
            RunResult = Result(null, new TestCase { Name = "t", Status = TestStatus.Passed, DurationMs = 1 }),
            TestsBy = "model",
            Escalated = false,
            Model = new() { Id = "edgecoder-demo", Provider = "edgecoder-local", Digest = "sha256:0123456789abcdef" },
            RanOn = new() { Kind = "this-machine", SandboxBackend = "namespaces" },
            DataClass = "local",
            Egress = [],
            Verification = Verification.SelfTested,
            Usage = usage,
        };
        return new() { Outcome = outcome, Verification = Verification.SelfTested, Usage = usage, Execution = execution };
    }
}
