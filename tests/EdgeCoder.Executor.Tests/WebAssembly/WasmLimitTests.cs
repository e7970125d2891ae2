namespace EdgeCoder.Executor.Tests.WebAssembly;

/// <summary>What a program in WebAssembly may use, and how it is told that there is no more.</summary>
public sealed class WasmLimitTests(WasmFixture wasm)
{
    // Every way in which QuickJS calls itself: each must end as an error of the language, which the program can catch, before the native stack ends.
    [Theory]
    [InlineData("function down() { down() } down()")]
    [InlineData("const down = (...a) => down(...a, 1); down()")]
    [InlineData("class A { get x() { return this.x } } new A().x")]
    [InlineData("const o = { toString() { return '' + o } }; '' + o")]
    [InlineData("const o = { valueOf() { return +o } }; +o")]
    [InlineData("const p = new Proxy({}, { get(t, k, r) { return r[k] } }); p.x")]
    [InlineData("const p = new Proxy(function () {}, { apply(t, s, a) { return p() } }); p()")]
    [InlineData("let p = {}; for (let i = 0; i < 20000; i++) p = new Proxy(p, {}); p.x")]
    [InlineData("function f() { [1].map(f) } f()")]
    [InlineData("function f() { [2, 1].sort(f) } f()")]
    [InlineData("function f() { 'a'.replace(/a/, f) } f()")]
    [InlineData("function f() { Reflect.apply(f, null, []) } f()")]
    [InlineData("function f() { f.call() } f()")]
    [InlineData("const b = [function () { b[0]() }]; for (let i = 0; i < 20000; i++) b[0] = b[0].bind(null); b[0]()")]
    [InlineData("function f() { JSON.parse('[1]', f) } f()")]
    [InlineData("const o = { toJSON() { return JSON.stringify(o) } }; JSON.stringify(o)")]
    [InlineData("JSON.parse('['.repeat(1e5) + ']'.repeat(1e5))")]
    [InlineData("let a = []; for (let i = 0; i < 2e4; i++) a = [a]; JSON.stringify(a)")]
    [InlineData("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; '' + a")]
    [InlineData("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.flat(Infinity)")]
    [InlineData("new Function('return ' + '('.repeat(1e5) + '1' + ')'.repeat(1e5))")]
    [InlineData("new Function('return ' + '['.repeat(1e5) + ']'.repeat(1e5))")]
    [InlineData("new Function('{'.repeat(1e5) + '}'.repeat(1e5))")]
    [InlineData("new Function('return ' + '-~'.repeat(1e5) + '1')")]
    [InlineData("new Function('return ' + 'a=>'.repeat(1e5) + '1')")]
    [InlineData("new Function('return ' + '1+'.repeat(1e5) + '1')()")]
    [InlineData("new RegExp('('.repeat(1e5) + ')'.repeat(1e5))")]
    [InlineData("new RegExp('(?:a'.repeat(1e4) + ')*'.repeat(1e4)).test('a'.repeat(1e4))")]
    [InlineData("function* g() { yield* g() } [...g()]")]
    [InlineData("async function f() { await f() } f()")]
    [InlineData("class A { constructor() { new A() } } new A()")]
    [InlineData("function f() { eval('f()') } f()")]
    [InlineData("function f() { new Function('g', 'g()')(f) } f()")]
    [InlineData("let s = 'x'; for (let i = 0; i < 1e5; i++) s = s + i + 'y'; s.length === 0 || f(); function f() { Object.defineProperty({}, 'x', { get: f }).x }")]
    [InlineData("function f() { structuredClone({ get x() { return f() } }) } f()")]
    [InlineData("const o = { get x() { return require('util').inspect(o, { getters: true }) } }; console.log(require('util').inspect(o, { getters: true }))")]
    [InlineData("let a = {}; for (let i = 0; i < 1e4; i++) a = { a }; require('assert').deepStrictEqual(a, structuredClone(a))")]
    [InlineData("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; require('util').inspect(a, { depth: Infinity })")]
    [InlineData("let e = new Error('x'); for (let i = 0; i < 1e5; i++) e = new Error('x', { cause: e }); console.log(e)")]
    // Every level leaves a job that would begin again: once the recursion has ended they only return.
    [InlineData("let ended = false; function f() { if (!ended) { Promise.resolve({ then: f }); Reflect.construct(Promise, [f]) } } try { f() } finally { ended = true }")]
    public async Task Recursion_ends_as_an_error_of_the_language(string program)
    {
        var result = await wasm.RunAsync($"try {{ {program} }} catch (error) {{ console.log(error instanceof RangeError || error instanceof SyntaxError || error instanceof InternalError, String(error).slice(0, 80)) }}\nconsole.log('after')", limits: new() { Time = TimeSpan.FromMinutes(2) });

        Assert.True(result.Stdout.EndsWith("after\n", StringComparison.Ordinal), result.Show());
        Assert.DoesNotContain("false", result.Stdout, StringComparison.Ordinal);
    }
}
