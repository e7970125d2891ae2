namespace EdgeCoder.Executor.Tests.WebAssembly;

/// <summary>Programs in QuickJS: what they print, how they end, what their tests report.</summary>
public sealed class WasmRunTests(WasmFixture wasm)
{
    [Fact]
    public async Task Program_that_prints_is_ok()
    {
        var result = await wasm.RunAsync("console.log('hello', 6 * 7, [1, { a: 'b' }])");

        Assert.True(result.Ok, result.Show());
        Assert.Equal("hello 42 [ 1, { a: 'b' } ]\n", result.Stdout);
        Assert.Equal("wasm", result.Sandbox!.Backend);
    }

    [Fact]
    public async Task Node_tests_are_reported()
    {
        var result = await wasm.RunAsync(
            "function add(a, b) { return a + b }",
            "const test = require('node:test'); const assert = require('node:assert'); test('adds', () => { assert.strictEqual(add(1, 2), 3) }); test('fails', async () => { await null; assert.deepStrictEqual([add(1, 2)], [4]) })");

        Assert.Equal((1, 1), (result.Tests!.Passed, result.Tests.Failed));
        Assert.Equal(("[ 4 ]", "[ 3 ]"), (result.Tests.Cases[1].Expected, result.Tests.Cases[1].Actual));
    }
}
