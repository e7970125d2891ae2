using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.Inference.Tests.Providers;
using EdgeCoder.Inference.Tests.Service;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Decompositions;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Decomposition;

public sealed class DecomposeTests : IDisposable
{
    private const string Good = """[{"input":"write f","language":"python","dependsOn":[]},{"input":"use f","language":"javascript","dependsOn":[0]}]""";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Plan_of_the_model_is_answered_and_counted()
    {
        await using var server = await PlannerAsync(Good);
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var answer = await AskAsync(host);

        Assert.Null(answer.Fallback);
        Assert.Equal([(0, "write f", "python", 5_000), (1, "use f", "javascript", 5_000)], answer.Subtasks.Select(s => (s.SubtaskIndex, s.Input, s.Language, s.TimeoutMs)));
        Assert.Equal(0, Assert.Single(answer.Subtasks[1].DependsOn!).Index);
        Assert.Equal((1, 1, 1, 0), await CountsAsync(host));
    }

    [Fact]
    public async Task Model_is_asked_once_more_and_told_what_was_wrong()
    {
        await using var server = await PlannerAsync("I would start with a function.", Good);
        await using var host = await InferenceHost.StartAsync(_directory, server);

        Assert.Null((await AskAsync(host)).Fallback);

        Assert.Contains("could not be used", server.Requests.Last(r => r.Method == "POST").Body.ToString());
        Assert.Equal((1, 1, 2, 0), await CountsAsync(host));
    }

    [Theory]
    [InlineData("no plan here")]
    [InlineData("""[{"input":"a","language":"cobol"}]""")]
    [InlineData("""[{"input":"a","language":"python","dependsOn":[1]},{"input":"b","language":"python","dependsOn":[0]}]""")]
    public async Task Two_unusable_answers_are_a_fallback_and_never_a_success(string reply)
    {
        await using var server = await PlannerAsync(reply);
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var answer = await AskAsync(host);

        Assert.Equal("unusable_plan", answer.Fallback?.Reason);
        var only = Assert.Single(answer.Subtasks);
        Assert.Equal(("write f and use it", 30_000, "python"), (only.Input, only.TimeoutMs, only.Language));
        Assert.Equal((1, 0, 2, 1), await CountsAsync(host));
    }

    [Fact]
    public async Task Plan_that_the_token_limit_cut_is_not_used()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "planner", Answer = _ => Good + new string(' ', 8_000).Replace("  ", "x 1") });
        await using var host = await InferenceHost.StartAsync(_directory, server, window: 4_096);

        Assert.Equal("unusable_plan", (await AskAsync(host)).Fallback?.Reason);
    }

    [Fact]
    public async Task No_model_is_told_as_such()
    {
        await using var host = await InferenceHost.StartAsync(_directory);

        using var answer = await PostAsync(host);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal("no_model_available", problem.GetProperty("error").GetString());
        Assert.Contains("edgecoder models pull", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Demonstration_model_is_not_asked_to_plan()
    {
        await using var host = await InferenceHost.StartAsync(_directory, demonstration: new FixedProvider("edgecoder-demo") { IsDemonstration = true });

        Assert.Equal("demonstration_model_cannot_plan", (await AskAsync(host)).Fallback?.Reason);
        Assert.Equal((1, 0, 0, 1), await CountsAsync(host));
    }

    [Fact]
    public async Task Model_that_goes_away_is_no_fallback()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "planner", Fault = new() { Status = 500 } });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        using var answer = await PostAsync(host);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Theory]
    [InlineData("""{"prompt":"x"}""", "taskId")]
    [InlineData("""{"taskId":"task-1","prompt":" "}""", "prompt")]
    [InlineData("""{"taskId":"task-1","prompt":"x","language":"cobol"}""", "language")]
    public async Task Member_that_breaks_its_rule_is_named(string body, string member)
    {
        await using var host = await InferenceHost.StartAsync(_directory);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await host.Coordinator.PostAsync("/decompose", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"\"path\":\"{member}\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Counts_are_served_as_prometheus_reads_them()
    {
        await using var server = await PlannerAsync(Good);
        await using var host = await InferenceHost.StartAsync(_directory, server);
        await AskAsync(host);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
        using var answer = await host.Coordinator.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Contains("\nedgecoder_inference_decompose_successes_total 1\n", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Overview_and_page_tell_the_same_and_history_is_empty()
    {
        await using var host = await InferenceHost.StartAsync(_directory);

        var overview = await host.Coordinator.GetFromJsonAsync<JsonElement>("/dashboard/api/overview", TestContext.Current.CancellationToken);
        Assert.False(overview.GetProperty("ollamaHealthy").GetBoolean());
        Assert.Equal(0, overview.GetProperty("metrics").GetProperty("decomposeRequests").GetInt64());
        Assert.Contains("does not answer", await host.Coordinator.GetStringAsync("/dashboard", TestContext.Current.CancellationToken));
        Assert.Equal(0, (await host.Coordinator.GetFromJsonAsync<JsonElement>("/dashboard/api/swap-history", TestContext.Current.CancellationToken)).GetProperty("history").GetArrayLength());
    }

    private static Task<ScriptedOpenAI> PlannerAsync(params string[] replies) =>
        ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "planner", Turns = new(replies.Select(reply => new ScriptedTurn(reply))) });

    private static Task<HttpResponseMessage> PostAsync(InferenceHost host) =>
        host.Coordinator.PostAsJsonAsync("/decompose", new { taskId = "task-1", prompt = "write f and use it" }, TestContext.Current.CancellationToken);

    private static async Task<DecomposeAnswer> AskAsync(InferenceHost host)
    {
        using var answer = await PostAsync(host);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), InferenceJson.Default.DecomposeAnswer)!;
    }

    private static async Task<(long, long, long, long)> CountsAsync(InferenceHost host)
    {
        var counts = await host.Coordinator.GetFromJsonAsync<JsonElement>("/metrics", TestContext.Current.CancellationToken);
        return (Of("decomposeRequests"), Of("decomposeSuccesses"), Of("decomposeModelCalls"), Of("decomposeFallbacks"));

        long Of(string name) => counts.GetProperty(name).GetInt64();
    }
}
