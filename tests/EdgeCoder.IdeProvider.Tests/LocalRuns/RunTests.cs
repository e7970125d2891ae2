using System.Text.Json.Nodes;
using EdgeCoder.Executor;
using EdgeCoder.IdeProvider.Tests.Agentic;
using EdgeCoder.TestKit.Execution;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.IdeProvider.Tests.LocalRuns;

/// <summary><c>/run</c> and <c>/run/local</c> with the real loop (agent-executor-models 6.2; 10 S4, S8, S10).</summary>
public sealed class RunTests(SandboxFixture sandbox)
{
    private static readonly ScriptedTurn Code = new("```python\ndef double(x):\n    return x * 2\n```");

    [Theory]
    [InlineData("/run", "team", "team")]
    [InlineData("/run", null, "local")]
    [InlineData("/run/local", "team", "local")]
    public async Task A_run_gives_its_code_its_tests_and_where_it_ran(string path, string? asked, string expected)
    {
        var executor = new ScriptedExecutor(_ => TestKit.Execution.Runs.Passed("test_double"));
        await using var stage = await AgentStage.StartAsync(sandbox, executor);
        stage.Script("double", new ScriptedTurn("1. Define double."), Code);
        var body = new JsonObject { ["task"] = "write double", ["tests"] = "def test_double():\n    assert double(2) == 4\n", ["dataClass"] = asked };
        using var answer = await stage.PostAsync(path, body.ToJsonString());
        var execution = JsonNode.Parse(await AgentStage.TextOf(answer))!;
        Assert.True((int)answer.StatusCode == 200, execution.ToJsonString());
        Assert.Equal(("succeeded", "acceptance", expected), ((string?)execution["outcome"], (string?)execution["testsBy"], (string?)execution["dataClass"]));
        Assert.Contains("return x * 2", (string?)execution["generatedCode"], StringComparison.Ordinal);
        Assert.Equal(("edgecoder-local", "coder", expected, "this-machine"), ((string?)execution["edgecoder"]!["route"], (string?)execution["edgecoder"]!["model"], (string?)execution["edgecoder"]!["dataClass"], (string?)execution["edgecoder"]!["ranOn"]));
        Assert.Equal("edgecoder-local", answer.Headers.GetValues("X-EdgeCoder-Route").Single());
        Assert.All(executor.Requests, request => Assert.Equal(SnippetLanguage.Python, request.Language));
    }

    [Fact]
    public async Task Failing_tests_are_no_success()
    {
        await using var stage = await AgentStage.StartAsync(sandbox, new ScriptedExecutor(_ => TestKit.Execution.Runs.Failed()));
        stage.Script("double", new ScriptedTurn("1. Define double."), Code);
        var (status, execution) = await AgentStage.Read(stage.PostAsync("/run", """{"task":"write double","tests":"def test_double():\n    assert double(2) == 4\n"}"""));
        Assert.Equal(200, status);
        Assert.NotEqual("succeeded", (string?)execution["outcome"]);
    }

    [Fact]
    public async Task A_caller_that_goes_away_ends_the_run()
    {
        var (running, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        var executor = new ScriptedExecutor(async (_, stop) =>
        {
            running.TrySetResult();
            await using var gone = stop.Register(() => ended.TrySetResult());
            await ended.Task;
            throw new OperationCanceledException(stop);
        });
        await using var stage = await AgentStage.StartAsync(sandbox, executor);
        stage.Script("double", new ScriptedTurn("1. Define double."), Code);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/run")
        {
            Content = new StringContent("""{"task":"write double","tests":"def test_double():\n    assert double(2) == 4\n"}""", System.Text.Encoding.UTF8, "application/json"),
            Headers = { Authorization = new("Bearer", stage.Key) },
        };
        var asked = stage.Endpoint.Client.SendAsync(request, leaving.Token);
        await running.Task.WaitAsync(TestContext.Current.CancellationToken);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await ended.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("""{}""", 400, "validation_failed")]
    [InlineData("""{"task":" "}""", 400, "validation_failed")]
    [InlineData("""{"task":"x","language":"cobol"}""", 400, "validation_failed")]
    [InlineData("""{"task":"x","provider":"elsewhere"}""", 400, "validation_failed")]
    [InlineData("""{"task":"x","provider":"ollama-local"}""", 503, "no_model_available")]
    [InlineData("""{"task":"x","tests":""}""", 400, "validation_failed")]
    [InlineData("""{"task":"x","maxTokens":0}""", 400, "validation_failed")]
    [InlineData("""{"task":"x","task":"y"}""", 400, "invalid_json")]
    [InlineData("""[""", 400, "invalid_json")]
    [InlineData("""{"task":"x","model":"none-such"}""", 404, "model_not_found")]
    public async Task Bad_requests_are_told_and_run_nothing(string body, int status, string error)
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        var (got, refused) = await AgentStage.Read(stage.PostAsync("/run", body));
        Assert.Equal((status, error), (got, (string?)refused["error"]));
    }

    [Fact]
    public async Task A_key_for_some_models_runs_with_those_alone_and_within_its_tokens()
    {
        await using var stage = await AgentStage.StartAsync(sandbox, new ScriptedExecutor(_ => TestKit.Execution.Runs.Failed()));
        stage.Script("double", new ScriptedTurn("1. Define double."), Code);
        var narrow = stage.Endpoint.Role.Keys.Create("narrow", "acct", "team", models: ["other"]);
        Assert.Equal(403, (await AgentStage.Read(stage.PostAsync("/run", """{"task":"write double"}""", narrow))).Status);
        var poor = stage.Endpoint.Role.Keys.Create("poor", "acct", "team", tokensPerDay: 20);
        var (status, execution) = await AgentStage.Read(stage.PostAsync("/run", """{"task":"write double","tests":"def test_double():\n    assert double(2) == 4\n"}""", poor));
        Assert.Equal(200, status);
        Assert.Contains("tokens of this day", (string?)execution["outcomeMessage"], StringComparison.Ordinal);
        Assert.Equal(2, stage.Endpoint.Inference.Bodies.Count);
    }

    [Theory]
    [InlineData("/models")]
    [InlineData("/model/pull/progress")]
    public async Task Lists_and_progress_come_from_the_inference_service(string path)
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.Endpoint.Inference.Models = """{"status":"idle"}""";
        var (status, document) = await AgentStage.Read(stage.GetAsync(path));
        Assert.Equal((200, "idle"), (status, (string?)document["status"]));
    }

    [Fact]
    public async Task An_endpoint_that_was_given_no_sandbox_says_so()
    {
        await using var endpoint = await Composition.RunningEndpoint.StartAsync();
        using var answer = await endpoint.PostAsync("/run", """{"task":"write double"}""", endpoint.Key);
        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Contains("work_not_offered", await AgentStage.TextOf(answer), StringComparison.Ordinal);
    }
}
