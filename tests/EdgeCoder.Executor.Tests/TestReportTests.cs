using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests;

/// <summary>What tests may look like, what the report says, and that nothing but passing tests is a pass.</summary>
public sealed class TestReportTests(ExecutorFixture fixture)
{
    private const string Add = "def add(a, b):\n    return a + b\n";
    private const string AddJs = "function add(a, b) { return a + b }\n";

    [Theory]
    [InlineData("assert add(1, 2) == 3", "asserts", 1)]
    [InlineData("def check(f):\n    assert f(1, 2) == 3\ncheck(add)", "asserts", 1)]
    [InlineData("def test_a(): assert add(1, 2) == 3\ndef test_b(): assert add(0, 0) == 0", "pytest", 2)]
    [InlineData("class TestAdd:\n    def setup_method(self): self.x = 1\n    def test_a(self): assert add(self.x, 2) == 3", "pytest", 1)]
    [InlineData("import unittest\nclass T(unittest.TestCase):\n    def setUp(self): self.x = 1\n    def test_a(self): self.assertEqual(add(self.x, 2), 3)\n    def test_b(self): self.assertRaises(TypeError, add, 1, None)\nunittest.main()", "unittest", 2)]
    [InlineData("from unittest import TestCase\nclass T(TestCase):\n    def test_sub(self):\n        for i in range(3):\n            with self.subTest(i=i): self.assertEqual(add(i, 0), i)", "unittest", 1)]
    [InlineData("import unittest\nclass T(unittest.IsolatedAsyncioTestCase):\n    async def test_a(self): self.assertEqual(add(1, 2), 3)", "unittest", 1)]
    [InlineData("from solution import add as plus\nimport solution\nassert plus(1, 2) == solution.add(1, 2) == 3", "asserts", 1)]
    [InlineData("import pytest\n@pytest.mark.parametrize('a,b,c', [(1, 2, 3), (0, 0, 0)], ids=['x', 'y'])\ndef test_add(a, b, c): assert add(a, b) == c", "pytest", 2)]
    [InlineData("import pytest\ndef test_r():\n    with pytest.raises(TypeError, match='unsupported') as e: add(1, None)\n    assert 'int' in str(e.value)", "pytest", 1)]
    [InlineData("import pytest\n@pytest.fixture\ndef two():\n    yield 2\n@pytest.fixture(params=[1, 5])\ndef one(request): return request.param\ndef test_f(one, two): assert add(one, two) == one + 2", "pytest", 2)]
    [InlineData("import pytest\ndef test_a(): assert add(0.1, 0.2) == pytest.approx(0.3)\ndef test_t(tmp_path, capsys, monkeypatch):\n    (tmp_path / 'f').write_text('x')\n    print('hi')\n    assert capsys.readouterr().out == 'hi\\n'\n    monkeypatch.setenv('A', 'b')", "pytest", 2)]
    [InlineData("import pytest\n@pytest.mark.xfail\ndef test_x(): assert add(1, 1) == 3\ndef test_y(): assert add(1, 1) == 2", "pytest", 2)]
    [InlineData("import asyncio\nasync def test_a():\n    await asyncio.sleep(0)\n    assert add(1, 2) == 3", "pytest", 1)]
    [InlineData("assert add(1, 2) == 3\ndef test_a(): assert add(0, 0) == 0", "mixed", 2)]
    [InlineData("def add_twice(x): return add(add(x, x), 0)\ndef test_own(): assert add_twice(2) == 4 and not add(0, 0)", "pytest", 1)]
    public async Task Python_tests_are_found_and_pass(string tests, string framework, int passed)
    {
        var result = await fixture.Executor.PythonAsync(Add, tests);

        Assert.True(result.Ok, result.Show());
        Assert.Equal((framework, passed, passed), (result.Tests!.Framework, result.Tests.Total, result.Tests.Passed));
    }

    [Theory]
    [InlineData("const assert = require('assert'); assert.strictEqual(add(1, 2), 3); assert(add(1, 1) === 2)", "asserts", 1)]
    [InlineData("const { deepStrictEqual } = require('node:assert/strict'); deepStrictEqual([add(1, 2)], [3])", "asserts", 1)]
    [InlineData("console.assert(add(1, 2) === 3)", "asserts", 1)]
    [InlineData("const test = require('node:test'); const assert = require('assert'); test('a', () => assert.equal(add(1, 2), 3)); test('b', async (t) => { await t.test('c', () => assert.ok(add(1, 0))) })", "node:test", 3)]
    [InlineData("import { test, describe, it, before, beforeEach, after } from 'node:test'; import assert from 'node:assert'; describe('s', () => { let x; before(() => { x = 1 }); beforeEach(() => x++); after(() => {}); it('a', () => assert.equal(add(x, 0), 2)); it('b', () => assert.equal(add(x, 0), 3)) })", "node:test", 2)]
    [InlineData("const { add: plus } = require('./solution'); describe('add', () => { it('adds', () => { expect(plus(1, 2)).toBe(3); expect([add(1, 1)]).toEqual([2]); expect(() => { throw new Error('no') }).toThrow('no'); expect(add).not.toBeNull() }) })", "node:test", 1)]
    [InlineData("import { add as plus } from './solution.js'; import assert from 'assert'; assert.equal(plus(1, 2), 3)", "asserts", 1)]
    [InlineData("const test = require('node:test'); test('callback', (t, done) => { setTimeout(() => { done() }, 1) }); test('promise', () => new Promise((r) => setTimeout(r, 1)))", "node:test", 2)]
    [InlineData("test.each([[1, 2, 3], [0, 0, 0]])('%i + %i', (a, b, c) => { expect(add(a, b)).toBe(c) })", "node:test", 2)]
    [InlineData("const assert = require('assert'); assert.throws(() => { throw new TypeError('x') }, TypeError); (async () => { await null; assert.equal(add(1, 2), 3) })()", "asserts", 1)]
    public async Task JavaScript_tests_are_found_and_pass(string tests, string framework, int passed)
    {
        var result = await fixture.Executor.JavaScriptAsync(AddJs, tests);

        Assert.True(result.Ok, result.Show());
        Assert.Equal((framework, passed, passed), (result.Tests!.Framework, result.Tests.Total, result.Tests.Passed));
    }

    [Theory]
    [InlineData("export function add(a, b) { return a + b }")]
    [InlineData("export const add = (a, b) => a + b")]
    [InlineData("const add = (a, b) => a + b; export { add }; export default add")]
    [InlineData("function add(a, b) { return a + b }\nmodule.exports = { add }")]
    [InlineData("exports.add = function (a, b) { return a + b }; const add = exports.add")]
    [InlineData("class Adder { add(a, b) { return a + b } }\nconst add = (a, b) => new Adder().add(a, b)")]
    public async Task Names_of_the_solution_are_visible_whatever_it_is(string solution)
    {
        var result = await fixture.Executor.JavaScriptAsync(solution, "require('assert').equal(add(1, 2), 3); require('assert').equal(require('./solution').add(1, 2), 3)");

        Assert.True(result.Ok, result.Show());
    }

    [Theory]
    [InlineData("assert add(1, 2) == 4", "4", "3")]
    [InlineData("assert 4 == add(1, 2)", "4", "3")]
    [InlineData("assert add(1, 2) in (4, 5), 'message'", "in (4, 5)", "3")]
    [InlineData("assert not add(1, 2)", "a true value", "False")]
    [InlineData("def test_a(): assert add([1], [2]) == [1, 3]", "[1, 3]", "[1, 2]")]
    [InlineData("import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.assertEqual(add(1, 2), 4)", "4", "3")]
    [InlineData("import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.assertTrue(add(0, 0))", "a true value", "0")]
    [InlineData("import pytest\ndef test_a():\n    with pytest.raises(ValueError): add(1, 2)", "raises ValueError", "no exception")]
    public async Task Failing_python_assertion_shows_expected_and_actual(string tests, string expected, string actual)
    {
        var result = await fixture.Executor.PythonAsync(Add, tests);

        Assert.Equal((QueueReason?)QueueReason.RuntimeError, result.QueueReason);
        Assert.Equal("test_failed", result.Detail!.Code);
        var test = Assert.Single(result.Tests!.Cases);
        Assert.Equal((TestStatus.Failed, expected, actual), (test.Status, test.Expected, test.Actual));
        Assert.Contains("test_solution.py, line", test.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("require('assert').strictEqual(add(1, 2), 4)", "4", "3")]
    [InlineData("require('node:test')('x', () => require('assert').deepStrictEqual([add(1, 2)], [4]))", "[ 4 ]", "[ 3 ]")]
    [InlineData("it('x', () => { expect(add(1, 2)).toBe(4) })", "4", "3")]
    [InlineData("console.assert(add(1, 2) === 4, 'sum')", "true", "false")]
    public async Task Failing_javascript_assertion_shows_expected_and_actual(string tests, string expected, string actual)
    {
        var result = await fixture.Executor.JavaScriptAsync(AddJs, tests);

        Assert.Equal("test_failed", result.Detail?.Code);
        var test = Assert.Single(result.Tests!.Cases);
        Assert.Equal((TestStatus.Failed, expected, actual), (test.Status, test.Expected, test.Actual));
    }

    [Theory]
    [InlineData("def test_a(): raise KeyError('x')\ndef test_b(): assert True\n", 1, 0, 1, 0)]
    [InlineData("import pytest\n@pytest.mark.skip(reason='later')\ndef test_a(): pass\ndef test_b(): assert 1 == 2\ndef test_c(): assert True", 1, 1, 0, 1)]
    [InlineData("import unittest\nclass T(unittest.TestCase):\n    @unittest.skip('x')\n    def test_a(self): pass\n    def test_b(self): raise OSError\n    def test_c(self): self.fail('no')\n    def test_d(self): pass", 1, 1, 1, 1)]
    [InlineData("import unittest\nclass T(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls): raise OSError\n    def test_a(self): pass\ndef test_b(): pass", 1, 0, 1, 0)]
    public async Task Python_cases_are_counted_by_how_they_end(string tests, int passed, int failed, int errored, int skipped)
    {
        var result = await fixture.Executor.PythonAsync(Add, tests);

        Assert.False(result.Ok);
        Assert.True((passed, failed, errored, skipped) == (result.Tests!.Passed, result.Tests.Failed, result.Tests.Errored, result.Tests.Skipped), result.Show());
    }

    [Fact]
    public async Task Javascript_cases_are_counted_by_how_they_end()
    {
        var result = await fixture.Executor.JavaScriptAsync(
            AddJs, "const { test } = require('node:test'); const assert = require('assert'); test('a', () => assert(true)); test('b', () => assert(false)); test('c', () => { null.x }); test.skip('d', () => {}); test.todo('e'); test('slow', { timeout: 20 }, () => new Promise(() => {}))");

        Assert.True((1, 1, 2, 2) == (result.Tests!.Passed, result.Tests.Failed, result.Tests.Errored, result.Tests.Skipped), result.Show());
        Assert.True(result.Tests.Complete);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x = 1")]
    [InlineData("print('1 passed')")]
    [InlineData("import unittest\nunittest.main()")]
    [InlineData("import pytest\n@pytest.mark.skip\ndef test_a(): pass")]
    public async Task Python_without_a_passing_test_is_no_pass(string tests)
    {
        var result = await fixture.Executor.PythonAsync(Add, tests);

        Assert.False(result.Ok, result.Show());
        Assert.Equal(QueueReason.RuntimeError, result.QueueReason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("console.log('# pass 1')")]
    [InlineData("require('node:test').skip('a', () => {})")]
    [InlineData("describe('nothing', () => {})")]
    public async Task Javascript_without_a_passing_test_is_no_pass(string tests)
    {
        var result = await fixture.Executor.JavaScriptAsync(AddJs, tests);

        Assert.False(result.Ok, result.Show());
    }

    // E6: the solution, which a model wrote, tries to be counted as passed although add is wrong.
    [Theory]
    [InlineData("import os\nos._exit(0)")]
    [InlineData("import sys\nsys.exit(0)")]
    [InlineData("raise SystemExit")]
    [InlineData("import atexit, os\natexit.register(os._exit, 0)\ndef add(a, b): return 0")]
    [InlineData("def add(a, b):\n    import os\n    os._exit(0)")]
    [InlineData("def add(a, b):\n    raise SystemExit(0)")]
    [InlineData("print('ready')\nprint('{\"passed\": 1}')\ndef add(a, b): return 0")]
    [InlineData("import os\nfor fd in range(3, 10):\n    try: os.write(fd, b'0 case {\"name\":\"x\",\"status\":\"passed\"}\\n0 end {\"exit\":0}\\n')\n    except OSError: pass\ndef add(a, b): return 0")]
    [InlineData("import builtins\nclass E(Exception): pass\nbuiltins.AssertionError = E\ndef add(a, b): return 0")]
    [InlineData("class Any:\n    def __eq__(self, o): return False\n    def __bool__(self): return True\ndef add(a, b): return Any()")]
    [InlineData("open('test_solution.py', 'w').write('def test_a(): pass')\ndef add(a, b): return 0")]
    [InlineData("import os\nos.remove('test_solution.py')\ndef add(a, b): return 0")]
    [InlineData("try:\n    open('/edgecoder/runner.py', 'w')\nexcept OSError: pass\ndef add(a, b): return 0")]
    [InlineData("import unittest\nunittest.TestCase.run = lambda *a: None\nunittest.TestCase.assertEqual = lambda *a: None\nimport builtins\nbuiltins.len = lambda x: 0\nbuiltins.isinstance = lambda *a: False\ndef add(a, b): return 0")]
    [InlineData("import os\nos.close(4)\ndef add(a, b): return 0")]
    public async Task Python_solution_cannot_fake_a_pass(string solution)
    {
        var result = await fixture.Executor.PythonAsync(solution, "def test_a():\n    assert add(1, 2) == 3\n");

        Assert.False(result.Ok, result.Show());
    }

    [Theory]
    [InlineData("process.exit(0)")]
    [InlineData("process.reallyExit(0)")]
    [InlineData("function add() { process.exit(0) }")]
    [InlineData("process.on('exit', () => { process.exitCode = 0 }); function add() { return 0 }")]
    [InlineData("process.removeAllListeners('exit'); process.exit = () => {}; function add() { throw 1 }")]
    [InlineData("console.log('ok 1 - passed'); function add() { return 0 }")]
    [InlineData("for (let fd = 3; fd < 30; fd++) try { require('fs').writeSync(fd, '0 end {\"exit\":0}\\n') } catch {} function add() { return 0 }")]
    [InlineData("const assert = require('assert'); for (const k of Object.keys(assert)) assert[k] = () => {}; function add() { return 0 }")]
    [InlineData("globalThis.expect = globalThis.test = () => {}; require('node:test').test = () => {}; console.assert = () => {}; function add() { return 0 }")]
    [InlineData("require('fs').writeFileSync('test_solution.js', ''); function add() { return 0 }")]
    [InlineData("Object.prototype.toString = () => '0'; Array.prototype.push = () => 0; String.prototype.split = () => []; JSON.stringify = () => '{}'; function add() { return 0 }")]
    [InlineData("Object.defineProperty(Object.prototype, 'status', { get() { return 'passed' } }); function add() { return 0 }")]
    [InlineData("require('fs').closeSync(4); function add() { return 0 }")]
    public async Task Javascript_solution_cannot_fake_a_pass(string solution)
    {
        var result = await fixture.IsolationOnly.JavaScriptAsync(solution, "const test = require('node:test'); const assert = require('node:assert'); test('a', () => { assert.strictEqual(add(1, 2), 3) })");

        Assert.False(result.Ok, result.Show());
    }

    [Theory]
    [InlineData("import unittest\nunittest.TestCase.assertEqual = lambda *a: None\ndef add(a, b): return 0", "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.assertEqual(add(1, 2), 3)")]
    [InlineData("def add(a, b):\n    import unittest\n    unittest.TestCase.failureException = KeyError\n    unittest.TestCase.assertEqual = lambda *a: None\n    return 0", "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.assertEqual(add(1, 2), 3)")]
    [InlineData("import pytest\npytest.approx = lambda *a: 0\ndef add(a, b): return 0", "import pytest\ndef test_a(): assert add(1, 2) == pytest.approx(3)")]
    public async Task Python_solution_cannot_replace_the_test_framework(string solution, string tests)
    {
        var result = await fixture.Executor.PythonAsync(solution, tests);

        Assert.False(result.Ok, result.Show());
        Assert.Equal("tampered", result.Detail?.Code);
    }

    // L6: tests that pass against a stub that always raises are vacuous; the executor must let the loop see that they failed.
    [Fact]
    public async Task Real_tests_fail_against_a_stub_that_always_raises()
    {
        var result = await fixture.Executor.PythonAsync("def add(*args, **kwargs):\n    raise NotImplementedError\n", "def test_a():\n    assert add(1, 2) == 3\n");

        Assert.Equal((0, 1), (result.Tests!.Passed, result.Tests.Errored));
    }

    [Fact]
    public async Task Output_of_a_test_belongs_to_its_case()
    {
        var result = await fixture.Executor.PythonAsync(Add, "def test_a():\n    print('seen')\ndef test_b():\n    pass\n");

        Assert.Equal("seen\n", result.Tests!.Cases[0].Stdout);
        Assert.Null(result.Tests.Cases[1].Stdout);
        Assert.Equal("seen\n", result.Stdout);
    }

    [Fact]
    public async Task Memory_that_runs_out_in_a_test_is_a_memory_limit()
    {
        var result = await fixture.Executor.PythonAsync("def grow(): return b'x' * (1 << 40)", "def test_a(): grow()\n");

        Assert.Equal(QueueReason.MemoryLimit, result.QueueReason);
    }

    [Fact]
    public async Task Solution_that_does_not_load_is_told_with_its_line()
    {
        var result = await fixture.Executor.PythonAsync("x = 1\ny = undefined\n", "def test_a(): pass\n");

        Assert.Equal((int?)2, result.Detail!.Line);
        Assert.Equal("solution.py", Assert.Single(result.Tests!.Cases).Name);
    }

    [Fact]
    public async Task Several_files_import_each_other()
    {
        var result = await fixture.Executor.RunAsync(
            new RunRequest
            {
                Language = SnippetLanguage.Python,
                Files = [new("main.py", "from helper import twice\nfrom pack.inner import three\nprint(twice(three))"), new("helper.py", "def twice(x): return 2 * x"), new("pack/__init__.py", ""), new("pack/inner.py", "three = 3")],
            },
            TestContext.Current.CancellationToken);

        Assert.Equal("6\n", result.Stdout);
    }

    [Fact]
    public async Task Several_javascript_files_import_each_other()
    {
        var result = await fixture.Executor.RunAsync(
            new RunRequest
            {
                Language = SnippetLanguage.JavaScript,
                Files = [new("main.js", "import { twice } from './helper.mjs'; import data from './data.json'; const three = (await import('./pack/inner.js')).three; console.log(twice(three) + data.n)"), new("helper.mjs", "export * from './other.js'; export const one = 1"), new("other.js", "export function twice(x) { return 2 * x }"), new("pack/inner.js", "exports.three = 3"), new("data.json", "{\"n\": 1}")],
            },
            TestContext.Current.CancellationToken);

        Assert.True(result.Stdout == "7\n", result.Show());
    }
}
