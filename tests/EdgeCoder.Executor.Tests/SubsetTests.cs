using EdgeCoder.Executor.Subset;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests;

public sealed class SubsetTests(ExecutorFixture fixture)
{
    [Fact]
    public async Task Every_accepted_python_module_can_be_imported()
    {
        // tomllib came with 3.11; a module that this interpreter lacks is the interpreter's business.
        var program = string.Join('\n', PythonSubset.AcceptedModules.Select(module => $"try:\n    import {module}\nexcept ModuleNotFoundError as error:\n    print(error.name)" .Replace("import __future__", "import __future__ as f", StringComparison.Ordinal)));
        var result = await fixture.Executor.PythonAsync(program, limits: new() { Time = TimeSpan.FromSeconds(20) });

        Assert.True(result.Ok, result.Show());
        Assert.True(result.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).All(name => name is "tomllib" or "zoneinfo" or "graphlib" or "pytest"), result.Stdout);
    }

    [Fact]
    public async Task Every_accepted_javascript_module_can_be_required_with_and_without_prefix()
    {
        // What came after node 18.
        var program = string.Join('\n', JavaScriptSubset.AcceptedModules.SelectMany(module => new[] { module, "node:" + module }).Where(module => module != "test")
            .Select(module => $"try {{ require('{module}') }} catch (e) {{ console.log('{module}', e.code) }}"));
        var result = await fixture.Executor.JavaScriptAsync(program);

        Assert.True(result.Ok, result.Show());
        Assert.Equal("", result.Stdout);
    }

    [Theory]
    [InlineData("match [1, 2]:\n    case [a, b]: print(a + b)")]
    [InlineData("import dataclasses\n@dataclasses.dataclass\nclass P:\n    x: int = 3\nprint(P().x)")]
    [InlineData("def f():\n    x = 0\n    def g():\n        nonlocal x\n        x += 3\n    g()\n    return x\nprint(f())")]
    [InlineData("import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 3\nprint(asyncio.run(f()))")]
    [InlineData("def g():\n    yield from (1, 2)\nprint(sum(g()))")]
    [InlineData("if (n := 3) > 2: print(n)")]
    [InlineData("class M:\n    def __matmul__(self, o): return 3\nprint(M() @ M())")]
    [InlineData("import contextlib\n@contextlib.contextmanager\ndef c():\n    yield 3\nwith c() as v: print(v)")]
    [InlineData("try:\n    raise ValueError\nexcept ValueError:\n    print(3)\nfinally:\n    pass")]
    [InlineData("from __future__ import annotations\nfrom typing import TypeVar, Generic\nT = TypeVar('T')\nclass B(Generic[T]): pass\nprint(3)")]
    [InlineData("x = [3]\ndel x[0]\nx.append(3)\nassert x\nprint(f'{x[0]:d}')")]
    [InlineData("import threading\nt = threading.Thread(target=print, args=(3,))\nt.start()\nt.join()")]
    [InlineData("import sqlite3\nc = sqlite3.connect(':memory:')\nprint(c.execute('select 3').fetchone()[0])")]
    [InlineData("import tempfile, os\nwith tempfile.TemporaryDirectory() as d:\n    p = os.path.join(d, 'f')\n    open(p, 'w').write('3')\n    print(open(p).read())")]
    [InlineData("from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as p: print(sum(p.map(int, ['1', '2'])))")]
    [InlineData("import pathlib\npathlib.Path('f.txt').write_text('3')\nprint(pathlib.Path('f.txt').read_text())")]
    [InlineData("from zoneinfo import ZoneInfo\nimport datetime\nprint(datetime.datetime(2020, 1, 1, 2, tzinfo=ZoneInfo('Europe/Berlin')).hour + 1)")]
    [InlineData("def compile(x): return x\ndef eval(x): return x\nprint(compile(eval(3)))")]
    [InlineData("import re\n# socket open( exec( process.\nsocket = 'import socket; eval(1)'\nclass Model:\n    def eval(self): return 3\n    def open(self): return 3\n    def exec(self, x): return x\nre.compile('x')\nprint(Model().eval())")]
    [InlineData("class A:\n    def __init__(self): self.n = type(self).__name__ + self.__class__.__name__\nprint(len(A().n) + len(A.__mro__) - 1)")]
    [InlineData("def f(input): return input\nprint(f(3))")]
    public async Task Ordinary_python_runs(string program)
    {
        var result = await fixture.Executor.PythonAsync(program);

        Assert.True(result.Ok, result.Show());
        Assert.Equal("3\n", result.Stdout);
    }

    [Theory]
    [InlineData("class A { #x = 3; static { } get x() { return this.#x } } console.log(new A().x)")]
    [InlineData("function* g() { yield* [1, 2] } let s = 0; for (const v of g()) s += v; console.log(s)")]
    [InlineData("import assert from 'node:assert'; import * as path from 'path'; import { EventEmitter } from 'events'; assert.ok(path.join && EventEmitter); console.log(await Promise.resolve(3))")]
    [InlineData("export const x = 3; export default function f() { return x } console.log(f())")]
    [InlineData("(async () => { await new Promise(r => setTimeout(r, 1)); console.log(3) })()")]
    [InlineData("try { throw new Error('x') } catch { console.log(3) } finally { }")]
    [InlineData("console.log(Number(3n), )")]
    [InlineData("const { a = 3, ...rest } = {}; label: for (;;) { break label } console.log(a)")]
    [InlineData("console.log('aabbb'.match(/(?<n>b+)/u).groups.n.length)")]
    [InlineData("// fetch( process.binding eval( require('net')\nconst s = 'eval(1)'; const o = { eval() { return 3 }, fetch: 1 }; console.log(o.eval())")]
    [InlineData("const fetch = () => 3; console.log(fetch())")]
    [InlineData("console.log((() => {}) instanceof Function ? 3 : 0)")]
    [InlineData("const fs = require('fs'); fs.writeFileSync('a.txt', '3'); console.log(fs.readFileSync('a.txt', 'utf8'))")]
    [InlineData("const p = new Proxy({}, { get: () => 3 }); console.log(Reflect.get(p, 'x'))")]
    [InlineData("queueMicrotask(() => console.log(structuredClone({ a: 3 }).a))")]
    [InlineData("console.log(new TextDecoder().decode(new TextEncoder().encode(String(new URL('http://x/3').pathname.slice(1)))))")]
    [InlineData("#!/usr/bin/env node\n'use strict';\nconsole.log(this === module.exports ? 3 : 0)")]
    [InlineData("console.log(Buffer.from('3').toString()); process.exit(0)")]
    [InlineData("function main() { console.log(3); return 0 }\nprocess.exit(main())")]
    [InlineData("import('node:path').then((m) => console.log(m.default.sep === '/' ? 3 : 0))")]
    [InlineData("if (process.argv.length > 5) process.exit(1)\nrequire('crypto').createHash('sha256'); require('zlib').gzipSync('x'); console.log(process.argv.length + 1)")]
    public async Task Ordinary_javascript_runs(string program)
    {
        var result = await fixture.Executor.JavaScriptAsync(program);

        Assert.True(result.Ok, result.Show());
        Assert.Equal("3\n", result.Stdout);
    }

    [Theory]
    [InlineData("import socket", "module.network", "import socket", 1, 1)]
    [InlineData("x = 1\nfrom urllib.request import urlopen", "module.network", "from urllib.request import …", 2, 1)]
    [InlineData("import http.client", "module.network", "import http.client", 1, 1)]
    [InlineData("import subprocess as s", "module.process", "import subprocess", 1, 1)]
    [InlineData("from concurrent.futures import ProcessPoolExecutor", "name.process", "from concurrent.futures import ProcessPoolExecutor", 1, 1)]
    [InlineData("import os as o\no.system('ls')", "name.process", "os.system", 2, 1)]
    [InlineData("from os import fork", "name.process", "from os import fork", 1, 1)]
    [InlineData("import asyncio\nasyncio.create_subprocess_exec('ls')", "name.process", "asyncio.create_subprocess_exec", 2, 1)]
    [InlineData("import importlib", "module.runtime_code", "import importlib", 1, 1)]
    [InlineData("print(eval('1'))", "name.runtime_code", "eval", 1, 7)]
    [InlineData("f = exec", "name.runtime_code", "exec", 1, 5)]
    [InlineData("input('name?')", "name.input", "input", 1, 1)]
    [InlineData("import numpy", "module.unknown", "import numpy", 1, 1)]
    [InlineData("import tkinter", "module.interactive", "import tkinter", 1, 1)]
    [InlineData("().__class__.__base__.__subclasses__()", "name.reflection", ".__subclasses__", 1, 1)]
    [InlineData("'{0.__globals__}'.format(1)", "name.reflection", ".__globals__ in a format string", 1, 1)]
    public async Task Python_outside_the_subset_is_refused_with_its_place(string program, string rule, string construct, int line, int column)
    {
        var result = await fixture.Executor.PythonAsync(program);

        AssertRefused(result, rule, construct, line, column);
    }

    [Theory]
    [InlineData("require('net')", "module.network", "require 'net'", 1, 1)]
    [InlineData("\nimport http from 'node:http'", "module.network", "import 'node:http'", 2, 1)]
    [InlineData("const cp = require('child_process')", "module.process", "require 'child_process'", 1, 12)]
    [InlineData("require('vm')", "module.engine", "require 'vm'", 1, 1)]
    [InlineData("require('lodash')", "module.unknown", "require 'lodash'", 1, 1)]
    [InlineData("fetch('http://x')", "name.network", "fetch", 1, 1)]
    [InlineData("globalThis.fetch('http://x')", "name.network", "fetch", 1, 1)]
    [InlineData("eval('1')", "name.runtime_code", "eval", 1, 1)]
    [InlineData("let f = new Function('return 1')", "name.runtime_code", "Function", 1, 9)]
    [InlineData("import('f' + 's')", "name.runtime_code", "import() of a computed name", 1, 1)]
    [InlineData("process.binding('fs')", "name.engine", "process.binding", 1, 1)]
    [InlineData("process.kill(1)", "name.process", "process.kill", 1, 1)]
    public async Task JavaScript_outside_the_subset_is_refused_with_its_place(string program, string rule, string construct, int line, int column)
    {
        var result = await fixture.Executor.JavaScriptAsync(program);

        AssertRefused(result, rule, construct, line, column);
    }

    [Fact]
    public async Task Input_is_accepted_when_standard_input_is_given()
    {
        var result = await fixture.Executor.PythonAsync("print(int(input()) + 1)", stdin: "2\n");

        Assert.Equal("3\n", result.Stdout);
    }

    [Fact]
    public async Task Javascript_reads_standard_input()
    {
        var result = await fixture.Executor.JavaScriptAsync("let s = ''; process.stdin.on('data', (d) => s += d).on('end', () => console.log(Number(s) + 1))", stdin: "2\n");

        Assert.True(result.Ok, result.Show());
        Assert.Equal("3\n", result.Stdout);
    }

    [Theory]
    [InlineData(SnippetLanguage.Python)]
    [InlineData(SnippetLanguage.JavaScript)]
    public async Task Everything_that_the_prompt_calls_refused_is_refused(SnippetLanguage language)
    {
        // L9: what a prompt says and what the executor does come from one table; this walks the table through the executor.
        var described = SubsetRules.Describe(language);
        var programs = language == SnippetLanguage.Python
            ? PythonSubset.RefusedModules.Keys.Select(name => (name, $"import {name}"))
                .Concat(PythonSubset.RefusedNames.Keys.Select(name => (name, $"print({name})")))
                .Concat(PythonSubset.RefusedAttributes.Keys.Select(name => (name, $"import {name[..name.LastIndexOf('.')]}\nprint({name})")))
                .Concat(PythonSubset.ReflectionAttributes.Select(name => (name, $"print(object.{name})")))
            : JavaScriptSubset.RefusedModules.Keys.Select(name => (name, $"require('{name}')"))
                .Concat(JavaScriptSubset.RefusedGlobals.Keys.Select(name => (name, $"{name}('x')")))
                .Concat(JavaScriptSubset.RefusedProcessMembers.Keys.Select(name => (name, $"process.{name}('x')")));
        var wrong = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(programs, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken }, async (each, cancellationToken) =>
        {
            var result = language == SnippetLanguage.Python ? await fixture.Executor.PythonAsync(each.Item2) : await fixture.Executor.JavaScriptAsync(each.Item2);
            if (result.QueueReason != QueueReason.OutsideSubset || !described.Contains(each.name, StringComparison.Ordinal))
            {
                wrong.Add($"{each.name}: {result.QueueReason}");
            }
        });

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_rule_of_the_tables_has_its_text()
    {
        var used = PythonSubset.RefusedModules.Values.Concat(PythonSubset.RefusedNames.Values).Concat(PythonSubset.RefusedAttributes.Values)
            .Concat(JavaScriptSubset.RefusedModules.Values).Concat(JavaScriptSubset.RefusedGlobals.Values).Concat(JavaScriptSubset.RefusedProcessMembers.Values);

        Assert.All(used, rule => Assert.Contains(rule, SubsetRule.All.Keys));
    }

    private static void AssertRefused(RunResult result, string rule, string construct, int line, int column)
    {
        Assert.Equal(QueueReason.OutsideSubset, result.QueueReason);
        Assert.Equal((rule, construct, (int?)line, (int?)column), (result.Detail!.Rule, result.Detail.Construct, result.Detail.Line, result.Detail.Column));
        Assert.Equal((1, true), (result.ExitCode, result.QueueForCloud));
        Assert.StartsWith($"outside_subset: line {line}, column {column}: {construct}: ", result.Stderr, StringComparison.Ordinal);
        Assert.NotNull(result.Detail.Alternative);
    }
}
