using EdgeCoder.Executor;
using EdgeCoder.Executor.Subset;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Snippets;

/// <summary>One real sandbox for all tests of a class: its self-test on this machine takes a moment.</summary>
public sealed class RealExecutor : IDisposable
{
    private readonly TemporaryDirectory _data = new();

    public RealExecutor() => Executor = CodeExecutor.Create(new ExecutorOptions { DataDirectory = _data.Path });

    public ICodeExecutor Executor { get; }

    public void Dispose() => _data.Dispose();
}

/// <summary>The loop with the real sandbox, real Python and real node; only the model is scripted.</summary>
public sealed class RealExecutorTests(RealExecutor real) : IClassFixture<RealExecutor>
{
    private const string NodeTests = "const test = require('node:test');\nconst assert = require('node:assert/strict');\ntest('merges', () => { assert.deepEqual(merge({ a: 1 }, { b: 2 }), { a: 1, b: 2 }); });";

    [Theory]
    [InlineData(Scenario.Tests)]
    [InlineData("assert merge({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}")]
    [InlineData("from solution import merge\nimport unittest\nclass TestMerge(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(merge({}, {'b': 2}), {'b': 2})")]
    [InlineData("import pytest\n@pytest.mark.parametrize('a,b', [({}, {}), ({'a': 1}, {})])\ndef test_it(a, b):\n    assert merge(a, b) == a")]
    public async Task Wrong_Python_is_fixed_at_the_second_try_whatever_form_the_tests_have(string tests)
    {
        var told = await RunAsync(SnippetLanguage.Python, Scenario.Plan, ScriptedReply.Fenced(tests), ScriptedReply.Fenced("def merge(a, b):\n    return None"), ScriptedReply.Fenced(Scenario.Good));
        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(2, told.Execution.Iterations);
        Assert.Equal(Verification.SelfTested, told.Execution.Verification);
    }

    [Theory]
    [InlineData(NodeTests)]
    [InlineData("const assert = require('assert');\nconst { merge } = require('./solution');\nassert.deepStrictEqual(merge({ a: 1 }, { b: 2 }), { a: 1, b: 2 });")]
    [InlineData("test('merges', () => { expect(merge({ a: 1 }, {})).toEqual({ a: 1 }); });")]
    public async Task Wrong_JavaScript_is_fixed_at_the_second_try(string tests)
    {
        var told = await RunAsync(
            SnippetLanguage.JavaScript,
            Scenario.Plan,
            ScriptedReply.Fenced(tests, "javascript"),
            ScriptedReply.Fenced("function merge(a, b) { return null; }\nmodule.exports = { merge };", "js"),
            ScriptedReply.Fenced("function merge(a, b) { return { ...a, ...b }; }\nmodule.exports = { merge };", "js"));
        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(2, told.Execution.Iterations);
    }

    [Theory]
    [InlineData("def merge(a, b)\n    return 1", "syntax_error")]
    [InlineData("import socket\ndef merge(a, b):\n    return 1", "outside_subset")]
    [InlineData("def merge(a, b):\n    while True:\n        pass", "timeout")]
    [InlineData("def merge(a, b):\n    x = []\n    while True:\n        x.append(bytearray(8 << 20))", "memory_limit")]
    [InlineData("import os\ndef merge(a, b):\n    os._exit(0)", "runtime_error")]
    public async Task Fault_of_the_first_program_is_told_and_the_second_one_passes(string first, string reason)
    {
        var told = await RunAsync(SnippetLanguage.Python, Scenario.Plan, ScriptedReply.Fenced(Scenario.Tests), ScriptedReply.Fenced(first), ScriptedReply.Fenced(Scenario.Good));
        var results = told.Events.OfType<RunResultEvent>().Select(e => e.Result).ToList();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(reason, System.Text.Json.JsonSerializer.Serialize(results[0].QueueReason, Protocol.ProtocolJson.Default.QueueReason).Trim('"'));
        Assert.True(results[1].Ok);
    }

    [Theory]
    [InlineData("def test_it():\n    assert True or merge")]
    [InlineData("def test_it():\n    try:\n        merge({}, {})\n    except Exception:\n        pass")]
    [InlineData("def merge(a, b):\n    return {**a, **b}\ndef test_it():\n    assert merge({}, {}) == {}")]
    [InlineData("import pytest\n@pytest.mark.skip\ndef test_it():\n    assert merge({}, {}) == 1")]
    public async Task Vacuous_tests_are_seen_through(string vacuous)
    {
        var told = await RunAsync(SnippetLanguage.Python, Scenario.Plan, ScriptedReply.Fenced(vacuous), ScriptedReply.Fenced(Scenario.Tests), ScriptedReply.Fenced(Scenario.Good));
        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(Scenario.Tests + "\n", told.Execution.Tests);
    }

    [Theory]
    [InlineData("def test_it(:\n    assert merge({}, {}) == {}")]
    [InlineData("import socket\nassert merge({}, {}) == {}")]
    public async Task Tests_of_the_person_that_cannot_run_end_at_once_and_are_named(string tests)
    {
        using var scenario = new Scenario(Scenario.Plan, ScriptedReply.Fenced(Scenario.Good));
        scenario.Task = scenario.Task with { TestFiles = [new SnippetFile("check_merge.py", tests)] };
        var told = await Told.OfAsync(new EdgeCoder.Agent.Snippets.SnippetAgent(real.Executor, scenario.Sessions, TimeProvider.System).RunAsync(scenario.Task, scenario.Model, TestContext.Current.CancellationToken));

        Assert.Equal("tests_unusable", told.Error!.Code);
        Assert.Contains("check_merge.py, line 1", told.Error.Message, StringComparison.Ordinal);
        Assert.Equal(SessionOutcome.Failed, told.Execution.Outcome);
    }

    [Theory]
    [InlineData(SnippetLanguage.Python, "test_merging.py", "import json\nfrom merging import merge\ndef test_it():\n    assert merge({}, {'b': 2}) == {'b': 2}", Scenario.Good, "python")]
    [InlineData(SnippetLanguage.JavaScript, "merging.test.js", "const assert = require('assert');\nconst { merge } = require('./merging');\nassert.deepStrictEqual(merge({}, { b: 2 }), { b: 2 });", "function merge(a, b) { return { ...a, ...b }; }\nmodule.exports = { merge };", "js")]
    public async Task Tests_of_the_person_may_import_the_program_by_their_own_name(SnippetLanguage language, string file, string tests, string code, string tag)
    {
        using var scenario = new Scenario(Scenario.Plan, ScriptedReply.Fenced(code, tag));
        scenario.Task = scenario.Task with { Language = language, TestFiles = [new SnippetFile(file, tests)] };
        var told = await Told.OfAsync(new EdgeCoder.Agent.Snippets.SnippetAgent(real.Executor, scenario.Sessions, TimeProvider.System).RunAsync(scenario.Task, scenario.Model, TestContext.Current.CancellationToken));

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(Verification.ProjectTested, told.Execution.Verification);
        Assert.Contains("must define: merge", scenario.Client.Calls[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tests_of_a_class_fail_against_the_stub()
    {
        var told = await RunAsync(
            SnippetLanguage.Python,
            Scenario.Plan,
            ScriptedReply.Fenced("def test_it():\n    s = Stack()\n    s.push(1)\n    assert s.pop() == 1\n    assert Stack.of(1).pop() == 1"),
            ScriptedReply.Fenced("class Stack:\n    def __init__(self):\n        self.items = []\n    def push(self, x):\n        self.items.append(x)\n    def pop(self):\n        return self.items.pop()\n    @classmethod\n    def of(cls, x):\n        s = cls()\n        s.push(x)\n        return s"));
        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
    }

    [Fact]
    public async Task Prompt_says_about_subset_and_limits_what_the_executor_does()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        scenario.Task = scenario.Task with { Language = SnippetLanguage.Python };
        var told = await Told.OfAsync(new EdgeCoder.Agent.Snippets.SnippetAgent(real.Executor, scenario.Sessions, TimeProvider.System).RunAsync(scenario.Task, scenario.Model, TestContext.Current.CancellationToken));
        var limits = told.Execution.RunResult!.Limits;

        Assert.All(scenario.Client.Calls.Skip(1), c => Assert.Contains(SubsetRules.Describe(SnippetLanguage.Python).Trim(), c.Text, StringComparison.Ordinal));
        Assert.All(scenario.Client.Calls.Skip(1), c => Assert.Contains($"{limits.WallMs / 1_000} s and {limits.MemoryBytes >> 20} MiB", c.Text, StringComparison.Ordinal));
    }

    private async Task<Told> RunAsync(SnippetLanguage language, params ScriptedReply[] replies)
    {
        using var scenario = new Scenario(replies);
        scenario.Task = scenario.Task with { Language = language, Limits = new RequestedLimits { Time = TimeSpan.FromSeconds(3) } };
        return await Told.OfAsync(new EdgeCoder.Agent.Snippets.SnippetAgent(real.Executor, scenario.Sessions, TimeProvider.System).RunAsync(scenario.Task, scenario.Model, TestContext.Current.CancellationToken));
    }
}
