using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests;

public sealed class PythonRunTests(ExecutorFixture fixture)
{
    [Fact]
    public async Task Program_that_prints_is_ok()
    {
        var result = await fixture.Executor.PythonAsync("print('hello', 6 * 7)");

        Assert.True(result.Ok, result.Show());
        Assert.Equal("hello 42\n", result.Stdout);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Top_level_asserts_are_one_case()
    {
        var result = await fixture.Executor.PythonAsync("def add(a, b):\n    return a + b\n", "assert add(1, 2) == 3\nassert add(2, 2) == 4\n");

        Assert.True(result.Ok, result.Show());
        Assert.Equal((1, 1), (result.Tests!.Total, result.Tests.Passed));
    }

    [Fact]
    public async Task Failing_assert_shows_both_sides()
    {
        var result = await fixture.Executor.PythonAsync("def add(a, b):\n    return a - b\n", "def test_add():\n    assert add(1, 2) == 3\n");

        Assert.False(result.Ok);
        Assert.Equal(QueueReason.RuntimeError, result.QueueReason);
        var test = Assert.Single(result.Tests!.Cases);
        Assert.Equal(("3", "-1"), (test.Expected, test.Actual));
    }
}
