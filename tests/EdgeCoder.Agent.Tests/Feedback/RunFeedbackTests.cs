using System.Text;
using CsCheck;
using EdgeCoder.Agent.Feedback;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.TestKit.Execution;

namespace EdgeCoder.Agent.Tests.Feedback;

public sealed class RunFeedbackTests
{
    [Fact]
    public void Syntax_error_tells_message_line_column_and_the_line_itself()
    {
        var text = RunFeedback.Of(Runs.SyntaxError(2, 5, "expected ':'"), [new SnippetFile("solution.py", "x = 1\ndef f()\n    pass")], 500);
        Assert.Contains("expected ':'", text, StringComparison.Ordinal);
        Assert.Contains("line 2, column 5", text, StringComparison.Ordinal);
        Assert.Contains("    def f()", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Line_at_fault_is_quoted_from_the_file_it_stands_in()
    {
        var fault = Runs.SyntaxError(1, 1);
        var text = RunFeedback.Of(fault with { Detail = fault.Detail! with { File = "shapes.py" } }, [new SnippetFile("solution.py", "fine = 1"), new SnippetFile("shapes.py", "def broken(")], 500);
        Assert.Contains("shapes.py line 1", text, StringComparison.Ordinal);
        Assert.Contains("    def broken(", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Failed_test_tells_name_expected_actual_exit_code_and_both_streams()
    {
        var text = RunFeedback.Of(Runs.Failed("test_sum", "5", "4", "printed", "warned"), [], 500);
        foreach (var part in (string[])["test_sum", "expected: 5", "actual: 4", "Exit code: 1", "stdout:\nprinted", "stderr:\nwarned", "0 of 1 tests passed"])
        {
            Assert.Contains(part, text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Runtime_error_without_tests_tells_exit_code_and_streams()
    {
        var text = RunFeedback.Of(Runs.Ended(3, QueueReason.RuntimeError) with { Stderr = "ZeroDivisionError" }, [], 500);
        Assert.Contains("Exit code: 3", text, StringComparison.Ordinal);
        Assert.Contains("ZeroDivisionError", text, StringComparison.Ordinal);
        Assert.Contains("stdout: empty", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Outside_subset_tells_construct_line_why_and_what_to_use_instead()
    {
        var text = RunFeedback.Of(Runs.OutsideSubset(), [new SnippetFile("solution.py", "import socket")], 500);
        foreach (var part in (string[])["import socket", "line 1", "there is no network", "work on values that are given"])
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(QueueReason.Timeout, "4000 ms")]
    [InlineData(QueueReason.MemoryLimit, "268435456 bytes")]
    [InlineData(QueueReason.OutputLimit, "65536 bytes")]
    public void Limit_tells_which_one_its_value_and_the_output_so_far(QueueReason reason, string value)
    {
        var text = RunFeedback.Of(Runs.Ended(124, reason) with { Stdout = "so far" }, [], 500);
        Assert.Contains(value, text, StringComparison.Ordinal);
        Assert.Contains("so far", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_the_executor_dropped_are_counted() =>
        Assert.Contains("[1000000 bytes dropped]", RunFeedback.Of(Runs.OutputLimit(), [], 500), StringComparison.Ordinal);

    [Fact]
    public void Run_that_ended_early_says_that_nothing_counts()
    {
        var early = Runs.Passed("a") with { Ok = false, QueueReason = QueueReason.RuntimeError, Tests = Runs.Report(Runs.Case("a", TestStatus.Passed)) with { Complete = false } };
        Assert.Contains("nothing counts", RunFeedback.Of(early, [], 500), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_output_keeps_head_and_tail_and_counts_what_is_between()
    {
        var text = OutputExcerpt.Of(string.Concat(Enumerable.Range(0, 1_000).Select(i => $"line {i}\n")), 120);
        Assert.StartsWith("line 0", text, StringComparison.Ordinal);
        Assert.EndsWith("line 999", text, StringComparison.Ordinal);
        Assert.Matches(@"\[\d+ bytes dropped\]", text);
    }

    [Fact]
    public void Excerpt_and_dropped_bytes_add_up() =>
        Gen.Select(Gen.String[Gen.Char["aé漢\ud83d\ude00"], 0, 200].Select(s => s.Replace("\ud83d", "", StringComparison.Ordinal).Replace("\ude00", "😀", StringComparison.Ordinal)), Gen.Int[10, 80]).Sample((text, most) =>
        {
            var excerpt = OutputExcerpt.Of(text, most);
            var match = System.Text.RegularExpressions.Regex.Match(excerpt, @"\n\[(\d+) bytes dropped\]\n");
            var dropped = match.Success ? int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : 0;
            Assert.Equal(Encoding.UTF8.GetByteCount(text), Encoding.UTF8.GetByteCount(excerpt) - Encoding.UTF8.GetByteCount(match.Value) + dropped);
        });
}
