using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests.Frames;

/// <summary>What a program can bring a runner to report: the host takes it as data and never fails over it.</summary>
public sealed class OddReportTests(ExecutorFixture fixture)
{
    [Fact]
    public async Task Half_a_character_in_a_javascript_error_is_a_replacement_character()
    {
        var result = await fixture.Executor.JavaScriptAsync("throw new Error('a\\ud800b\\udc00c\\ud83d\\ude00')");

        Assert.Equal("Error: a\uFFFDb\uFFFDc\ud83d\ude00", result.Detail?.Message);
    }

    [Fact]
    public async Task Half_a_character_in_a_python_error_is_a_replacement_character()
    {
        var result = await fixture.Executor.PythonAsync("raise ValueError('a\\ud800b')");

        Assert.Equal("ValueError: a\uFFFDb", result.Detail?.Message);
    }

    [Fact]
    public async Task Half_a_character_in_a_test_is_a_replacement_character()
    {
        var result = await fixture.Executor.JavaScriptAsync("const f = () => '\\ud800'", "require('node:test')('\\udc00', () => require('assert').strictEqual(f(), 'x\\ud83d'))");

        Assert.Equal(("test_failed", TestStatus.Failed), (result.Detail?.Code, Assert.Single(result.Tests!.Cases).Status));
    }

    [Fact]
    public async Task Reason_that_a_program_invents_is_not_taken()
    {
        var result = await fixture.Executor.JavaScriptAsync("const error = new Error('x'); error.code = 'sandbox_unavailable'; throw error");

        Assert.Equal("runtime_error", result.Detail?.Code);
    }
}
