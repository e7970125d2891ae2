using EdgeCoder.Executor.Isolation.WebAssembly;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Tests.WebAssembly;

/// <summary>Every program begins in the same state and leaves nothing; the same program does the same every time.</summary>
public sealed class WasmStateTests(WasmFixture wasm)
{
    private const string Everything = """
        const sum = (n) => { let s = 0; for (let i = 0; i < n; i++) s += Math.random() * i; return s; };
        console.log(sum(1000), new Date(0).getTimezoneOffset(), [1, 10, 9].sort(), Object.keys(globalThis).length, Reflect.ownKeys(globalThis).length, new Error('x').stack.length);
        const order = []; setTimeout(() => order.push('b'), 10); setTimeout(() => order.push('a'), 5); setImmediate(() => order.push('i')); Promise.resolve().then(() => order.push('p'));
        setTimeout(() => { console.log(order.join()); let depth = 0; try { (function f() { depth++; f(); })(); } catch { } console.log(depth); }, 20);
        const kept = []; try { for (;;) kept.push(new Uint8Array(1 << 20)); } catch { console.log(kept.length); } kept.length = 0;
        """;

    [Fact]
    public async Task A_hundred_runs_are_identical()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var run = 0; run < 100; run++)
        {
            var result = await wasm.RunAsync(Everything);
            Assert.True(result.Ok, result.Show());
            seen.Add(result.Stdout);
        }

        Assert.Single(seen);
    }

    [Fact]
    public async Task Fuel_ends_at_the_same_instruction_every_time()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var run = 0; run < 5; run++)
        {
            var result = await wasm.RunAsync("for (let i = 0; ; i++) if (i % 1000 === 0) console.log(i)", limits: new() { Time = TimeSpan.FromMilliseconds(100), OutputBytes = 1 << 20 });
            if (result.Limits.Hit == "fuel")
            {
                seen.Add(result.Stdout);
            }
        }

        Assert.True(seen.Count <= 1, $"{seen.Count} different ends");
    }

    [Fact]
    public async Task Nothing_is_left_for_the_next_program()
    {
        const string Leave = """
            globalThis.left = 1; Array.prototype.left = 1; Object.prototype.left = 1; String.prototype.trim = () => 'left'; console.log = () => {}; Symbol.for('left'); Math.random = () => 0; JSON.left = 1;
            setInterval(() => {}, 1); require('util').left = 1; require('assert').left = 1; require('events').defaultMaxListeners = 99; module.exports.left = 1; Promise.prototype.then = () => {}; delete globalThis.Map;
            """;
        const string Look = "console.log(typeof left, [].left, ({}).left, ' x '.trim(), typeof Map, JSON.left, require('util').left, require('assert').left, require('events').defaultMaxListeners, Math.random() > 0); Promise.resolve('then').then(console.log)";
        var before = await wasm.RunAsync(Look);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => wasm.RunAsync(Leave, limits: new() { Time = TimeSpan.FromMilliseconds(50) })));
        var after = await wasm.RunAsync(Look);

        Assert.Equal("undefined undefined undefined x function undefined undefined undefined 10 true\nthen\n", before.Stdout);
        Assert.Equal(before.Stdout, after.Stdout);
    }

    [Fact]
    public async Task Programs_side_by_side_do_not_meet()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => wasm.RunAsync($"globalThis.n = {i}; setTimeout(() => console.log(n), 5); for (let i = 0; i < 1e4; i++) Math.sqrt(i)")));

        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i}\n"), results.Select(result => result.Stdout));
    }

    [Theory]
    [InlineData("for (;;);")]
    [InlineData("/^(a+)+$/.test('a'.repeat(60) + 'b')")]
    [InlineData("(async () => { for (;;) await null })()")]
    public async Task Cancelled_program_ends_without_waiting_for_its_limit(string program)
    {
        using var cancel = new CancellationTokenSource();
        var limits = LimitPlan.Read(SnippetLanguage.JavaScript, new() { Time = TimeSpan.FromMinutes(10) }).Plan!;
        var request = Snippets.Request(SnippetLanguage.JavaScript, "js", program, null);
        var running = wasm.Sandbox.RunAsync(new SandboxJob { Limits = limits, Frame = SnippetFrame.Build(request, "key", false, limits, canary: false).Frame!, Key = "key" }, cancel.Token);

        await cancel.CancelAsync();

        Assert.Equal(SandboxEnd.Cancelled, (await running).End);
    }

    [Fact]
    public async Task Program_that_waits_for_a_thread_can_be_cancelled()
    {
        using var threads = new WasmThreads(() => { });
        using var gate = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var busy = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => threads.RunAsync(() => { gate.Wait(); return "done"; }, "cancelled", CancellationToken.None)).ToList();
        var waiting = threads.RunAsync(() => "ran", "cancelled", cancel.Token);

        await cancel.CancelAsync();

        Assert.Equal("cancelled", await waiting);
        gate.Set();
        Assert.All(await Task.WhenAll(busy), result => Assert.Equal("done", result));
    }
}
