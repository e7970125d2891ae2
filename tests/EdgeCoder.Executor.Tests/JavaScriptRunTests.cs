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

    [Theory]
    [InlineData("process.on('exit', (code) => console.log('bye', code)); console.log('hi')", "hi\nbye 0\n", 0)]
    [InlineData("process.once('exit', () => { process.exitCode = 4 }); console.log('hi')", "hi\n", 4)]
    [InlineData("process.on('exit', () => { throw new Error('late') }); console.log('hi')", "hi\n", 1)]
    [InlineData("process.on('uncaughtException', (error) => console.log('caught', error.message)); setTimeout(() => console.log('later'), 5); throw new Error('x')", "caught x\nlater\n", 0)]
    [InlineData("process.on('uncaughtException', (error) => { console.log('caught', error.message); process.exit(3) }); await 1; throw new Error('x')", "caught x\n", 3)]
    public async Task Handlers_of_the_programs_own_end_are_called(string program, string output, int exitCode)
    {
        var result = await fixture.Executor.JavaScriptAsync(program);

        Assert.True((output, exitCode) == (result.Stdout, result.ExitCode), result.Show());
    }
}
