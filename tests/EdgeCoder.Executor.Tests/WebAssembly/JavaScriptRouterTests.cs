using EdgeCoder.Executor.Verification;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Executor.Tests.WebAssembly;

/// <summary>Which back-end runs which program, and what is said when there is none.</summary>
public sealed class JavaScriptRouterTests(ExecutorFixture fixture)
{
    private const string Slow = "let s = 0; for (let i = 0; i < 60000000; i++) { s = (s * 31 + i) % 1000003 } console.log(s)";

    [Theory]
    [InlineData("console.log([1, 2])", "wasm")]
    [InlineData("console.log(require('fs').existsSync('/nowhere'))", "namespaces")]
    [InlineData("console.log(Buffer.from('a').length)", "namespaces")]
    public async Task Program_runs_where_it_can(string program, string backend)
    {
        var result = await fixture.Executor.JavaScriptAsync(program);

        Assert.True(result.Ok, result.Show());
        Assert.Equal(backend == "wasm", result.Sandbox!.Backend == "wasm");
    }

    [Fact]
    public async Task Honest_work_that_ends_the_fuel_is_done_again_in_node()
    {
        // The usual time: with more of it WebAssembly would do it.
        var result = await fixture.Executor.JavaScriptAsync(Slow, limits: new());

        Assert.True(result.Ok, result.Show());
        Assert.NotEqual("wasm", result.Sandbox!.Backend);
        Assert.Equal(("ok", "run again in node, because it computes for longer than WebAssembly allows"), (result.Detail!.Code, result.Detail.Message));
    }

    [Fact]
    public async Task Memory_beyond_that_of_webassembly_is_looked_for_in_node()
    {
        var result = await fixture.Executor.JavaScriptAsync("const a = new Array(12e6).fill(0).map((_, i) => i); console.log(a.length)");

        Assert.True(result.Ok, result.Show());
        Assert.Contains("more memory", result.Detail!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_node_and_namespaces_javascript_runs_all_the_same()
    {
        using var data = new TemporaryDirectory();
        await using var executor = WithoutNode(data);

        var result = await executor.JavaScriptAsync("function add(a, b) { return a + b }", "require('assert').equal(add(1, 2), 3)");

        Assert.True(result.Ok, result.Show());
        Assert.Equal("wasm", result.Sandbox!.Backend);
    }

    [Fact]
    public async Task Without_node_a_program_that_needs_it_is_told_why_and_what_to_do()
    {
        using var data = new TemporaryDirectory();
        await using var executor = WithoutNode(data);

        var result = await executor.JavaScriptAsync("console.log(1)\nconst path = require('fs')");

        Assert.Equal(QueueReason.SandboxUnavailable, result.QueueReason);
        Assert.Equal("", result.Stdout);
        Assert.Contains("needs node because of module 'fs' (solution.js, line 2), and node cannot be used: There is no bubblewrap", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("To fix it: apt-get install bubblewrap", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_node_work_that_ends_the_fuel_stays_a_timeout()
    {
        using var data = new TemporaryDirectory();
        await using var executor = WithoutNode(data);

        var result = await executor.JavaScriptAsync(Slow, limits: new() { Time = TimeSpan.FromMilliseconds(100) });

        Assert.Equal(QueueReason.Timeout, result.QueueReason);
    }

    [Fact]
    public async Task Operator_who_asks_for_processes_gets_no_webassembly()
    {
        using var data = new TemporaryDirectory();
        await using var executor = CodeExecutor.Create(new ExecutorOptions { DataDirectory = data.Path, Mode = SandboxMode.Process });

        Assert.NotEqual("wasm", (await executor.JavaScriptAsync("console.log(1)")).Sandbox!.Backend);
    }

    [Fact]
    public async Task Without_the_module_node_runs_everything()
    {
        using var data = new TemporaryDirectory();
        await using var executor = CodeExecutor.Create(new ExecutorOptions { DataDirectory = data.Path, QuickJsPath = data["none.wasm"] });

        var result = await executor.JavaScriptAsync("console.log(1)");

        Assert.True(result.Ok, result.Show());
        Assert.NotEqual("wasm", result.Sandbox!.Backend);
    }

    [Fact]
    public async Task Memory_in_force_is_that_of_webassembly() =>
        Assert.Equal(64 << 20, (await fixture.Executor.JavaScriptAsync("console.log(1)")).Limits.MemoryBytes);

    private static CodeExecutor WithoutNode(TemporaryDirectory data) => new(
        new ExecutorOptions { DataDirectory = data.Path }, subset: true, _ => Task.FromResult(new SandboxReadiness { Refusal = new("There is no bubblewrap", "apt-get install bubblewrap") }));
}
