using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests.Corpus;

/// <summary>Wrong solutions that try to be counted as passed, against honest tests in every framework, with the subset check and without it.</summary>
public sealed class CheatTests(ExecutorFixture fixture)
{
    private static readonly RequestedLimits Limits = new() { Time = TimeSpan.FromSeconds(1) };

    private static readonly string[] PythonTests =
    [
        "assert add(1, 2) == 3\nassert add(2, 2) == 4\n",
        "def test_add():\n    expected = 3\n    assert add(1, 2) == expected\n",
        "import unittest\nclass AddTests(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(3, add(1, 2))\n",
        "import pytest\nfrom solution import add\ndef test_add():\n    assert add(1, 2) == pytest.approx(3)\n",
    ];

    private static readonly string[] JavaScriptTests =
    [
        "require('assert').strictEqual(add(1, 2), 3);",
        "const { test } = require('node:test'); const assert = require('node:assert/strict'); const { add } = require('./solution'); test('add', () => { assert.equal(add(1, 2), 3); });",
        "const { describe, it } = require('node:test'); const assert = require('assert'); describe('add', () => { it('adds', async () => { assert.deepStrictEqual([await add(1, 2)], [3]); }); });",
        "console.assert(add(1, 2) === 3, 'adds');",
    ];

    public static TheoryData<string, string> Programs => [.. File.ReadLines(Path.Combine(Root, "expected.txt")).Select(line => line.Split(' ')).Select(parts => new TheoryDataRow<string, string>(parts[0], parts[1]))];

    private static string Root => Path.Combine(AppContext.BaseDirectory, "Cheats");

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Cheat_is_never_counted_as_passed(string file, string expected)
    {
        var program = await File.ReadAllTextAsync(Path.Combine(Root, file), TestContext.Current.CancellationToken);
        var python = file.StartsWith("python", StringComparison.Ordinal);
        var reasons = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var tests in python ? PythonTests : JavaScriptTests)
        {
            foreach (var executor in (ICodeExecutor[])[fixture.Executor, fixture.IsolationOnly])
            {
                var result = await (python ? executor.PythonAsync(program, tests, Limits) : executor.JavaScriptAsync(program, tests, Limits));
                Assert.False(result.Ok, tests + "\n" + result.Show());
                reasons.Add(RunReasons.CodeOf(result));
            }
        }

        Assert.True(reasons.IsSubsetOf(expected.Split('|')), string.Join('|', reasons));
    }

    [Fact]
    public void Every_cheat_has_its_reasons() => Assert.Equal(
        Directory.EnumerateFiles(Root, "*.*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is ".py" or ".js").Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal),
        Programs.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    // The tests themselves are honest: a right solution passes each of them.
    [Fact]
    public async Task Right_solution_passes_each_of_the_tests()
    {
        foreach (var tests in PythonTests)
        {
            var result = await fixture.Executor.PythonAsync("def add(a, b): return a + b", tests);
            Assert.True(result.Ok, tests + "\n" + result.Show());
        }

        foreach (var tests in JavaScriptTests)
        {
            var result = await fixture.Executor.JavaScriptAsync("exports.add = (a, b) => a + b; const add = exports.add", tests);
            Assert.True(result.Ok, tests + "\n" + result.Show());
        }
    }
}
