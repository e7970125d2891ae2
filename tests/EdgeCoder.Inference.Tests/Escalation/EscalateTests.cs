using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.Inference.Escalation;
using EdgeCoder.Inference.Tests.Service;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.TestKit.Execution;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Escalation;

public sealed class EscalateTests : IDisposable
{
    private const string Code = "def add(a, b):\n    return a + b\n";
    private const string Reply = "<think>maybe ```python\nprint(1)\n```</think>\n```python\n" + Code + "```\nThe sign was wrong; it adds now.";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Code_is_answered_with_its_explanation_and_the_model()
    {
        await using var server = await CoderAsync(Reply);
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var (status, answer) = await AskAsync(host);

        Assert.Equal((HttpStatusCode.OK, Code, "The sign was wrong; it adds now.", "coder"), (status, answer.ImprovedCode, answer.Explanation, answer.Model));
        Assert.Null(answer.RunResult);
        var prompt = server.Requests.Last(r => r.Method == "POST").Body.ToString();
        Assert.All(["add two numbers", "return a - b", "expected 3, got -1"], part => Assert.Contains(part, prompt));
    }

    [Fact]
    public async Task Tests_are_run_and_a_failure_is_told_to_the_model_once()
    {
        await using var server = await CoderAsync("```python\ndef add(a, b):\n    return b\n```", Reply);
        var executor = new ScriptedExecutor(request => request.Files[0].Text.Contains("a + b", StringComparison.Ordinal) ? Runs.Passed("test_add") : Runs.Failed("test_add"));
        await using var host = await InferenceHost.StartAsync(_directory, server, executor);

        var (_, answer) = await AskAsync(host, tests: "from solution import add\n\ndef test_add():\n    assert add(1, 2) == 3\n");

        Assert.Equal(Code, answer.ImprovedCode);
        Assert.True(answer.RunResult!.Ok);
        Assert.Equal(2, executor.Requests.Count);
        Assert.Contains("test_add", server.Requests.Last(r => r.Method == "POST").Body.ToString());
    }

    [Fact]
    public async Task Code_whose_tests_fail_twice_is_answered_with_its_report_for_the_coordinator_to_judge()
    {
        await using var server = await CoderAsync(Reply);
        await using var host = await InferenceHost.StartAsync(_directory, server, new ScriptedExecutor(_ => Runs.Failed("test_add")));

        var (status, answer) = await AskAsync(host, tests: "def test_add():\n    assert add(1, 2) == 3\n");

        Assert.Equal((HttpStatusCode.OK, false), (status, answer.RunResult!.Ok));
    }

    [Theory]
    [InlineData("")]
    [InlineData("I am sorry, I cannot help with that.")]
    [InlineData("```text\nno code\n```")]
    public async Task Answer_without_code_is_a_failure_and_counted_as_one(string reply)
    {
        await using var server = await CoderAsync(reply);
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var (status, answer) = await AskAsync(host);

        Assert.Equal((HttpStatusCode.BadGateway, ""), (status, answer.ImprovedCode));
        Assert.StartsWith("Escalation inference failed: ", answer.Explanation, StringComparison.Ordinal);
        var counts = await host.Coordinator.GetFromJsonAsync<JsonElement>("/metrics", TestContext.Current.CancellationToken);
        Assert.Equal((1, 0, 1), (counts.GetProperty("escalateRequests").GetInt64(), counts.GetProperty("escalateSuccesses").GetInt64(), counts.GetProperty("escalateFailures").GetInt64()));
    }

    [Fact]
    public async Task Code_that_the_token_limit_cut_is_never_answered()
    {
        await using var server = await CoderAsync("```python\n" + string.Concat(Enumerable.Range(0, 4_000).Select(i => $"x{i} = {i}\n")));
        await using var host = await InferenceHost.StartAsync(_directory, server, window: 4_096);

        var (status, answer) = await AskAsync(host);

        Assert.Equal((HttpStatusCode.BadGateway, ""), (status, answer.ImprovedCode));
    }

    [Fact]
    public async Task Model_that_fails_is_a_bad_gateway()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "coder", Fault = new() { Status = 500 } });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        Assert.Equal((HttpStatusCode.BadGateway, ""), (await AskAsync(host)) is var (status, answer) ? (status, answer.ImprovedCode) : default);
    }

    [Fact]
    public async Task Long_history_gives_way_and_the_task_does_not()
    {
        await using var server = await CoderAsync(Reply);
        await using var host = await InferenceHost.StartAsync(_directory, server, window: 8_192);

        var (status, _) = await AskAsync(host, errors: [.. Enumerable.Range(0, 50).Select(i => $"error {i} " + new string('e', 5_000))]);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("add two numbers", server.Requests.Last(r => r.Method == "POST").Body.ToString());
    }

    [Fact]
    public async Task Callers_learn_how_long_to_wait_from_what_escalations_took()
    {
        var times = new EscalationTimes();
        Assert.Null(times.TimeoutMs);
        times.Took(TimeSpan.FromSeconds(30));
        times.Took(TimeSpan.FromSeconds(10));
        Assert.Equal(60_000, times.TimeoutMs);
        times.Took(TimeSpan.FromHours(1));
        Assert.Equal(600_000, times.TimeoutMs);

        await using var host = await InferenceHost.StartAsync(_directory);
        var health = await host.Anonymous.GetFromJsonAsync<JsonElement>("/health", TestContext.Current.CancellationToken);
        Assert.True(health.GetProperty("ok").GetBoolean());
        Assert.False(health.TryGetProperty("escalateTimeoutMs", out _));
    }

    [Fact]
    public async Task Members_that_break_their_rules_are_named_together()
    {
        await using var host = await InferenceHost.StartAsync(_directory);
        using var answer = await host.Coordinator.PostAsJsonAsync("/escalate", new { language = "cobol" }, TestContext.Current.CancellationToken);

        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.All(["task", "failedCode", "errorHistory", "language"], member => Assert.Contains($"\"path\":\"{member}\"", text));
    }

    [Theory]
    [InlineData("```python\nx = 1\n```\nIt works.", "It works.")]
    [InlineData("<think>secret</think>```\nx\n```", "The model gave code without an explanation.")]
    public void Explanation_is_what_stands_beside_the_code(string reply, string explanation) => Assert.Equal(explanation, ReplyExplanation.Of(reply));

    private static Task<ScriptedOpenAI> CoderAsync(params string[] replies) =>
        ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "coder", Turns = new(replies.Select(reply => new ScriptedTurn(reply))) });

    private static async Task<(HttpStatusCode Status, InferenceEscalationAnswer Answer)> AskAsync(InferenceHost host, string? tests = null, IReadOnlyList<string>? errors = null)
    {
        using var answer = await host.Coordinator.PostAsJsonAsync(
            "/escalate",
            new { task = "add two numbers", failedCode = "def add(a, b):\n    return a - b\n", errorHistory = errors ?? ["expected 3, got -1"], language = "python", tests },
            TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), InferenceJson.Default.InferenceEscalationAnswer)!);
    }
}
