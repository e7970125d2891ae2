namespace EdgeCoder.Executor.Tests;

public sealed class JavaScriptRunTests(ExecutorFixture fixture)
{
    [Fact]
    public async Task Program_that_prints_is_ok()
    {
        var result = await fixture.Executor.JavaScriptAsync("console.log('hello', 6 * 7)");

        Assert.True(result.Ok, result.Show());
        Assert.Equal("hello 42\n", result.Stdout);
    }

    [Fact]
    public async Task Node_tests_are_reported()
    {
        var result = await fixture.Executor.JavaScriptAsync(
            "function add(a, b) { return a + b }",
            "const test = require('node:test'); const assert = require('node:assert'); test('adds', () => { assert.strictEqual(add(1, 2), 3) });");

        Assert.True(result.Ok, result.Show());
        Assert.Equal("adds", Assert.Single(result.Tests!.Cases).Name);
    }
}
