using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.IdeProvider.Swarm;
using EdgeCoder.IdeProvider.Tests.Composition;
using EdgeCoder.TestKit.Coordinators;

namespace EdgeCoder.IdeProvider.Tests.Swarm;

/// <summary>The real endpoint between a stub of the inference service and a coordinator whose tasks end as the test says.</summary>
internal sealed class SwarmEndpoint : IAsyncDisposable
{
    private SwarmEndpoint(ScriptedTasks coordinator) => Coordinator = coordinator;

    /// <summary>The coordinator.</summary>
    public ScriptedTasks Coordinator { get; }

    /// <summary>The endpoint.</summary>
    public RunningEndpoint Endpoint { get; private set; } = null!;

    /// <summary>A key whose requests may be of the class <c>team</c>.</summary>
    public string TeamKey { get; private set; } = "";

    /// <summary>Starts them.</summary>
    public static async Task<SwarmEndpoint> StartAsync(TimeProvider? time = null, Func<IdeProviderSettings, IdeProviderSettings>? change = null)
    {
        var both = new SwarmEndpoint(await ScriptedTasks.StartAsync());
        both.Coordinator.Ends = task => ScriptedTasks.Completed(task.TaskId!, "from afar");
        var access = SwarmAccess.Of(new() { Coordinator = both.Coordinator.Url, ApiKey = ScriptedTasks.Key, AccountId = "acct-mine" });
        both.Endpoint = await RunningEndpoint.StartAsync(
            settings =>
            {
                var named = settings with { Swarm = () => access };
                return change?.Invoke(named) ?? named;
            },
            time);
        both.TeamKey = both.Endpoint.Role.Keys.Create("mine", "acct", "team");
        return both;
    }

    /// <summary>Posts a chat of the class <c>team</c>.</summary>
    public Task<HttpResponseMessage> ChatAsync(string model = "edgecoder-swarm", string rest = "", Action<HttpRequestHeaders>? headers = null) =>
        Endpoint.PostAsync("/v1/chat/completions", Body(model, rest), TeamKey, headers);

    /// <summary>The body of a chat of the class <c>team</c>.</summary>
    public static string Body(string model = "edgecoder-swarm", string rest = "") =>
        $$$"""{"model":"{{{model}}}","messages":[{"role":"user","content":"hi"}],"edgecoder":{"dataClass":"team"}{{{rest}}}}""";

    /// <summary>The error of an answer.</summary>
    public static async Task<(int Status, string? Code, JsonNode Error)> ErrorAsync(HttpResponseMessage answer)
    {
        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!;
        return ((int)answer.StatusCode, (string?)error["code"], error);
    }

    /// <summary>The JSON of an answer, which must be a success.</summary>
    public static async Task<JsonNode> JsonAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Endpoint.DisposeAsync();
        await Coordinator.DisposeAsync();
    }
}
