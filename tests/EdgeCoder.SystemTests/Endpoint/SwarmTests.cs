using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeCoder.SystemTests.Coordination;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Endpoint;

/// <summary>The endpoint's swarm with real processes: a chat and a snippet go through the coordinator to a worker and come back (agent-executor-models 6.5, 6.2; S10).</summary>
public sealed partial class SwarmTests
{
    private const string Request = "write a function that merges two dictionaries";

    private static CancellationToken Patience => CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(ProgramRun.Patience).Token).Token;

    [Fact]
    public async Task A_worker_answers_a_chat_and_makes_a_snippet_that_is_verified()
    {
        await using var up = new RunningCoordinator(selfAgent: true);
        await up.StartAsync(Patience);
        using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{up.Run.Environment["IDE_PROVIDER_PORT"]}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key().Match(await up.DoAsync("keys", "create", "laptop", "--class", "team")).Value);
        await up.SaysAsync("finished", Patience);

        using var answer = await PostAsync(client, "/v1/chat/completions", $$$"""{"model":"edgecoder-swarm","messages":[{"role":"user","content":"{{{Request}}}"}],"edgecoder":{"dataClass":"team"}}""");
        var chat = await JsonAsync(answer, up);
        Assert.Contains("def merge", (string?)chat["choices"]![0]!["message"]!["content"], StringComparison.Ordinal);
        Assert.Equal(("swarm", "swarm", "edgecoder-demo"), (answer.Headers.GetValues("X-EdgeCoder-Route").Single(), (string?)chat["edgecoder"]!["ranOn"], (string?)chat["edgecoder"]!["model"]));
        var task = await up.AskAsync("status", (string)chat["edgecoder"]!["taskId"]!);
        Assert.Equal(("completed", "ide-requests", 60), (task.GetProperty("state").GetString(), task.GetProperty("projectId").GetString(), task.GetProperty("priority").GetInt32()));

        using var ran = await PostAsync(client, "/run/swarm", $$"""{"task":"{{Request}}","tests":"assert merge_dicts({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}\n","dataClass":"team"}""");
        var run = await JsonAsync(ran, up);
        Assert.Equal(("succeeded", "accepted"), ((string?)run["outcome"], (string?)run["verification"]));
        Assert.Contains("def merge_dicts", (string?)run["generatedCode"], StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string json) => client.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"), Patience);

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage answer, RunningCoordinator up)
    {
        var text = await answer.Content.ReadAsStringAsync(Patience);
        Assert.True(answer.IsSuccessStatusCode, text + up.Errors);
        return JsonNode.Parse(text)!;
    }

    [GeneratedRegex("ecide_[A-Za-z0-9_-]+")]
    private static partial Regex Key();
}
