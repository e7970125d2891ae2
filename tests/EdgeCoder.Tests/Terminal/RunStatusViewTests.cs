using EdgeCoder.Protocol.Runs;
using EdgeCoder.Terminal;
using EdgeCoder.TestKit.Execution;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Terminal;

public sealed class RunStatusViewTests : IDisposable
{
    private readonly TestConsole _console = new() { Profile = { Width = 8192 } };

    public void Dispose() => _console.Dispose();

    [Fact]
    public void Success_says_how_long_and_where() => Assert.Equal("ok · 12 ms · sandbox: namespaces\n", Shown(Runs.ExitedZero()));

    [Fact]
    public void A_fault_says_its_reason_and_place() =>
        Assert.Equal(
            "runtime_error · main.py:3 · ValueError: no · 12 ms · sandbox: namespaces\n",
            Shown(Runs.Ended(1, QueueReason.RuntimeError) with { Detail = new() { Code = "runtime_error", File = "main.py", Line = 3, Message = "ValueError: no" } }));

    [Fact]
    public void What_standard_error_says_is_not_said_twice() =>
        Assert.DoesNotContain("ValueError", Shown(Runs.Ended(1, QueueReason.RuntimeError) with { Stderr = "ValueError: no\n", Detail = new() { Code = "runtime_error", Message = "ValueError: no" } }), StringComparison.Ordinal);

    [Fact]
    public void A_limit_is_named() => Assert.Contains(" · wall limit · ", Shown(Runs.Timeout()), StringComparison.Ordinal);

    [Fact]
    public void A_failing_test_shows_what_was_wanted_and_what_came()
    {
        var shown = Shown(Runs.Failed("test_add", "4", "[3]"));
        Assert.Contains("0 of 1 tests passed, 1 failed", shown, StringComparison.Ordinal);
        Assert.Contains("\n  ✗ test_add: expected 4, got [3]\n", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_failing_tests_are_counted()
    {
        var cases = Enumerable.Range(0, 30).Select(number => Runs.Case($"t{number}", TestStatus.Failed)).ToList();
        Assert.Contains("and 20 more", Shown(Runs.Ended(1, QueueReason.RuntimeError) with { Tests = Runs.Report(cases) }), StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_text_stays_one_harmless_line()
    {
        var shown = Shown(Runs.Ended(1, QueueReason.RuntimeError) with { Detail = new() { Code = "[red]\u001b[2J", File = "a\nb[blue]", Message = new string('\u001b', 3) } });
        Assert.Single(shown, '\n');
        Assert.DoesNotContain('\u001b', shown);
        Assert.Contains("[red]", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_ran_is_said() => Assert.Contains("nothing ran", Shown(Runs.SandboxUnavailable()), StringComparison.Ordinal);

    private string Shown(RunResult result)
    {
        RunStatusView.Show(_console, result);
        return _console.Output;
    }
}
