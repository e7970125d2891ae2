using EdgeCoder.Executor.Subset;

namespace EdgeCoder.Executor.Tests.WebAssembly;

/// <summary>Which programs need node, and which compute for long: from the syntax alone.</summary>
public sealed class JavaScriptProfileTests
{
    [Theory]
    [InlineData("console.log(1)")]
    [InlineData("const assert = require('assert'); const { inspect } = require('node:util'); import('node:path')")]
    [InlineData("import test from 'node:test'; import { strict as assert } from 'assert'")]
    [InlineData("if (require.main === module) console.log('main')")]
    [InlineData("if (typeof process !== 'undefined') console.log('node'); if (typeof window === 'undefined') console.log('no browser')")]
    [InlineData("module.exports = { process: 1, Buffer() {} }; const o = { performance: 2 }; o.performance")]
    [InlineData("function process(x) { return x } process(1)")]
    [InlineData("class URL {} new URL()")]
    [InlineData("new Date(0).toISOString(); new Date(2020, 1, 1); Date.UTC(2020, 1)")]
    [InlineData("Math.random(); setTimeout(() => {}, 10); structuredClone({}); new TextEncoder()")]
    [InlineData("['b', 'a'].sort((x, y) => x.localeCompare(y))")]
    [InlineData("const helper = require('./helper'); const other = require('helper')")]
    public void Program_runs_in_webassembly(string program) => Assert.Null(Of(program).NodeNeed);

    [Theory]
    [InlineData("const fs = require('fs')", "module 'fs' (a.js, line 1)")]
    [InlineData("\n\nimport { readFile } from 'node:fs/promises'", "module 'node:fs/promises' (a.js, line 3)")]
    [InlineData("export * from 'crypto'", "module 'crypto' (a.js, line 1)")]
    [InlineData("await import('zlib')", "module 'zlib' (a.js, line 1)")]
    [InlineData("Buffer.from('a')", "Buffer (a.js, line 1)")]
    [InlineData("let x = 1\nprocess.exit(x)", "process (a.js, line 2)")]
    [InlineData("new URL('http://a')", "URL (a.js, line 1)")]
    [InlineData("performance.now()", "performance (a.js, line 1)")]
    [InlineData("new Date()", "new Date(), the time of day (a.js, line 1)")]
    [InlineData("const t = Date.now()", "Date.now(), the time of day (a.js, line 1)")]
    [InlineData("Date()", "Date(), the time of day (a.js, line 1)")]
    [InlineData("(1234.5).toLocaleString()", "toLocaleString (a.js, line 1)")]
    [InlineData("new Intl.NumberFormat('de')", "Intl (a.js, line 1)")]
    [InlineData("'a'.localeCompare('b', 'sv')", "localeCompare with a language (a.js, line 1)")]
    [InlineData("Atomics.wait(x, 0, 0)", "Atomics (a.js, line 1)")]
    [InlineData("globalThis.Buffer", "Buffer (a.js, line 1)")]
    [InlineData("import { test, mock } from 'node:test'", "mock of node:test (a.js, line 1)")]
    public void Program_needs_node(string program, string need) => Assert.Equal(need, Of(program).NodeNeed);

    [Fact]
    public void Program_that_brings_its_own_tests_needs_node_s_runner()
    {
        var own = Files("require('node:test')('a', () => {})");

        Assert.Equal("module 'node:test' in a program that is run without test files (a.js, line 1)", JavaScriptProfile.Of(own, tests: false).NodeNeed);
        Assert.Null(JavaScriptProfile.Of(own, tests: true).NodeNeed);
    }

    [Theory]
    [InlineData("for (let i = 0; i < 1e9; i++);", true)]
    [InlineData("while (n > 0) n--", true)]
    [InlineData("function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }", true)]
    [InlineData("const f = (n) => n ? f(n - 1) : 0", true)]
    [InlineData("class A { walk(n) { return this.walk(n - 1) } }", true)]
    [InlineData("while (true) { if (done()) break; }", true)]
    [InlineData("for (;;) { if (done()) throw new Error('x') }", true)]
    [InlineData("function* all() { let i = 0; while (true) yield i++ }", true)]
    [InlineData("outer: for (;;) { for (;;) { break outer } }", true)]
    [InlineData("console.log(1)", false)]
    [InlineData("for (;;);", false)]
    [InlineData("while (true) console.log('x')", false)]
    [InlineData("while (!0) {}", false)]
    [InlineData("do { f() } while (1)", false)]
    [InlineData("for (let i = 0; i < 5; i++); for (;;) { switch (1) { case 1: break } }", false)]
    [InlineData("for (;;) { const f = () => { return 1 } }", false)]
    [InlineData("for (;;) { for (;;) { break } }", false)]
    [InlineData("(async () => { for (;;) await null })()", false)]
    public void Honest_work_is_told_from_endless_loops(string program, bool heavy) => Assert.Equal(heavy, Of(program).IsCpuHeavy);

    private static JavaScriptProfile Of(string program) => JavaScriptProfile.Of(Files(program), tests: true);

    private static List<JavaScriptFile> Files(string program)
    {
        var (file, refusal) = JavaScriptFile.Read("a.js", program, new HashSet<string> { "helper" }, subset: false);
        Assert.True(file is not null, refusal?.Message);
        return [file];
    }
}
