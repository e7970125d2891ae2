using CsCheck;
using EdgeCoder.Agent.Sources;
using EdgeCoder.Executor;

namespace EdgeCoder.Agent.Tests.Sources;

public sealed class SourceOutlineTests
{
    [Theory]
    [InlineData("def test_a():\n    assert merge({'a': 1}, {}) == {'a': 1}", "merge")]
    [InlineData("assert add(1, b=2) == 3", "add")]
    [InlineData("from solution import add, sub as s\nassert add(1, 2) == s(4, 1)", "add,sub")]
    [InlineData("import solution\nassert solution.add(1, 2) == 3", "add")]
    [InlineData("import solution as s\nassert s.add(1, 2) == 3", "add")]
    [InlineData("import pytest\ndef test_e():\n    with pytest.raises(ValueError):\n        parse('x')", "parse")]
    [InlineData("def test_s(tmp_path, capsys):\n    s = Stack()\n    s.push(1)\n    assert s.pop() == 1", "Stack")]
    [InlineData("for a, b in [(1, 2)]:\n    assert inc(a) == b", "inc")]
    [InlineData("assert [x * 2 for x in range(3)] == doubled(3)", "doubled")]
    [InlineData("helper = lambda n: n + 1\nassert f(helper(1)) == 2", "f")]
    [InlineData("x, y = f(1)\nassert x == y", "f")]
    [InlineData("import math\nassert math.isclose(area(1), math.pi)", "area")]
    [InlineData("try:\n    f(0)\nexcept ZeroDivisionError as e:\n    assert str(e)", "f")]
    [InlineData("def test_all():\n    cases = {'a': 1}\n    for k, v in cases.items():\n        assert f(k) == v, f'{k} failed'", "f")]
    [InlineData("@pytest.mark.parametrize('n,want', [(1, 1)])\ndef test_n(n, want):\n    assert fib(n) == want", "fib")]
    [InlineData("assert True", "")]
    [InlineData("def f():\n    return 1\nassert f() == 1", "")]
    public void Python_tests_want_the_names_that_nobody_else_defines(string text, string wanted) =>
        Assert.Equal(wanted, string.Join(',', SourceOutline.Read(SnippetLanguage.Python, text).Wanted));

    [Theory]
    [InlineData("const assert = require('assert');\nassert.strictEqual(add(1, 2), 3);", "add")]
    [InlineData("const { add, sub: s } = require('./solution');\nassert.equal(add(1, s(2, 1)), 2);", "add,sub")]
    [InlineData("import { add } from './solution.js';\nimport assert from 'node:assert';\nassert.equal(add(1, 2), 3);", "add")]
    [InlineData("test('x', () => { const s = new Stack(); s.push(1); assert.deepEqual(s.items, [1]); });", "Stack")]
    [InlineData("for (const [a, b] of [[1, 2]]) { assert.equal(inc(a), b); }", "inc")]
    [InlineData("const f = ({ a, b = dflt() }) => a + b; assert.equal(f({ a: 1 }), total(1));", "dflt,total")]
    [InlineData("assert.throws(() => parse('x'), TypeError);", "parse")]
    [InlineData("try { parse('x'); } catch (e) { assert.ok(e.message); }", "parse")]
    [InlineData("class Fake { name = 'x'; run() { return go(this.name); } }\nassert.equal(new Fake().run(), 1);", "go")]
    [InlineData("assert.ok(1 === 1);", "")]
    public void JavaScript_tests_want_the_names_that_nobody_else_defines(string text, string wanted) =>
        Assert.Equal(wanted, string.Join(',', SourceOutline.Read(SnippetLanguage.JavaScript, text).Wanted));

    [Fact]
    public void Names_of_tests_are_found()
    {
        Assert.Equal(["test_a", "test_b"], SourceOutline.Read(SnippetLanguage.Python, "class TestX:\n    def test_a(self): pass\ndef test_b(): pass").TestNames);
        Assert.Equal(["adds", "subtracts"], SourceOutline.Read(SnippetLanguage.JavaScript, "describe('calc', () => { it('adds', () => {}); });test('subtracts', () => {});").TestNames.Where(n => n != "calc"));
    }

    [Fact]
    public void No_text_makes_the_readers_fail() =>
        Gen.String[Gen.Char["ab1 .,:=()[]{}'\"#\\\n<>*@f\t"], 0, 80].Sample(text =>
        {
            SourceOutline.Read(SnippetLanguage.Python, text);
            SourceOutline.Read(SnippetLanguage.JavaScript, text);
        });
}
