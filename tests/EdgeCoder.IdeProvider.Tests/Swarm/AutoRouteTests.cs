using System.Net;
using System.Text.Json.Nodes;
using EdgeCoder.IdeProvider.Routing;
using EdgeCoder.IdeProvider.Swarm;
using EdgeCoder.IdeProvider.Tests.Composition;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.IdeProvider.Tests.Swarm;

/// <summary><c>edgecoder-auto</c>: this machine first, the swarm only where it is permitted, answers, and is needed (agent-executor-models 6.5; S5, S6, S9).</summary>
public sealed class AutoRouteTests
{
    private const string Down = """{"error":{"message":"down","code":"local_model_unavailable"}}""";

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task This_machine_answers_what_it_can()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        using var answer = await swarm.ChatAsync("edgecoder-auto");
        Assert.Equal("edgecoder-local", Route(answer));
        Assert.Empty(swarm.Coordinator.Tasks);
    }

    [Fact]
    public async Task When_this_machine_cannot_the_swarm_answers()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Endpoint.Inference.Answer = (context, _) => StubUpstream.JsonAsync(context, 503, Down);
        using var answer = await swarm.ChatAsync("edgecoder-auto");
        Assert.Equal("swarm", Route(answer));
        using var response = await swarm.Endpoint.PostAsync("/v1/responses", """{"input":"hi","edgecoder":{"dataClass":"team"}}""", swarm.TeamKey);
        Assert.Equal("swarm", Route(response));

        swarm.Endpoint.Inference.Models = """{"object":"list","data":[]}""";
        using var without = await swarm.ChatAsync("edgecoder-auto");
        Assert.Equal("swarm", Route(without));
    }

    [Theory]
    [InlineData("edgecoder-local", "team")]
    [InlineData("edgecoder-auto", "local")]
    [InlineData("coder", "team")]
    public async Task Work_that_stays_here_fails_here_and_sends_nothing(string model, string dataClass)
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Endpoint.Inference.Answer = (context, _) => StubUpstream.JsonAsync(context, 503, Down);
        using var answer = await swarm.Endpoint.PostAsync("/v1/chat/completions", SwarmEndpoint.Body(model).Replace("team", dataClass, StringComparison.Ordinal), swarm.TeamKey);
        Assert.Equal((503, "local_model_unavailable"), await SwarmEndpoint.ErrorAsync(answer) is var (status, code, _) ? (status, code) : default);
        using var denied = await swarm.Endpoint.PostAsync("/v1/chat/completions", SwarmEndpoint.Body().Replace("team", "local", StringComparison.Ordinal), swarm.TeamKey);
        Assert.Equal(HttpStatusCode.Forbidden, denied.StatusCode);
        using var listed = await swarm.Endpoint.Client.GetAsync("/v1/models", TestContext.Current.CancellationToken);
        using var state = await swarm.Endpoint.Client.GetAsync("/status", TestContext.Current.CancellationToken);
        Assert.Empty(swarm.Coordinator.Requests);
    }

    [Fact]
    public async Task A_key_that_may_not_use_the_swarm_stays_here()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Endpoint.Inference.Answer = (context, _) => StubUpstream.JsonAsync(context, 503, Down);
        var key = swarm.Endpoint.Role.Keys.Create("here", "acct", "team", models: ["edgecoder-auto"]);
        using var answer = await swarm.Endpoint.PostAsync("/v1/chat/completions", SwarmEndpoint.Body("edgecoder-auto"), key);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Empty(swarm.Coordinator.Requests);
    }

    [Fact]
    public async Task A_closed_gate_sends_away_what_may_go_and_a_quick_probe_opens_it()
    {
        await using var swarm = await SwarmEndpoint.StartAsync(_time);
        Close(swarm);
        using var away = await swarm.ChatAsync("edgecoder-auto");
        Assert.Equal("swarm", Route(away));
        using var here = await swarm.Endpoint.ChatAsync();
        Assert.Equal("edgecoder-local", Route(here));
        await swarm.Endpoint.SettledAsync();
        Close(swarm);

        _time.Advance(TimeSpan.FromSeconds(30));
        using var probe = await swarm.ChatAsync("edgecoder-auto");
        await swarm.Endpoint.SettledAsync();
        using var next = await swarm.ChatAsync("edgecoder-auto");
        Assert.Equal(("edgecoder-local", "edgecoder-local"), (Route(probe), Route(next)));
    }

    [Fact]
    public async Task Without_an_alternative_that_answers_a_closed_gate_turns_nobody_away()
    {
        await using var dead = await SwarmEndpoint.StartAsync(_time, settings => settings with { Swarm = () => SwarmAccess.Of(new() { Coordinator = new("http://127.0.0.1:9"), ApiKey = "k" }) });
        Close(dead);
        using var answer = await dead.ChatAsync("edgecoder-auto");
        Assert.Equal("edgecoder-local", Route(answer));

        await using var refusing = await SwarmEndpoint.StartAsync(_time);
        refusing.Coordinator.Fault = path => path.StartsWith("POST", StringComparison.Ordinal) ? new() { Title = "Forbidden", Status = 403, Error = "account_suspended" } : null;
        Close(refusing);
        using var back = await refusing.ChatAsync("edgecoder-auto");
        Assert.Equal("edgecoder-local", Route(back));
    }

    [Fact]
    public async Task A_full_line_sends_away_what_may_go_and_the_rest_waits()
    {
        await using var swarm = await SwarmEndpoint.StartAsync(change: settings => settings with { LocalConcurrencyCap = 1 });
        var (begun, free) = (new TaskCompletionSource(), new TaskCompletionSource());
        swarm.Endpoint.Inference.Answer = async (context, _) =>
        {
            begun.TrySetResult();
            await free.Task;
            await StubUpstream.JsonAsync(context, 200, StubUpstream.Whole("hello"));
        };
        var first = swarm.Endpoint.ChatAsync();
        await begun.Task;
        var waits = swarm.Endpoint.ChatAsync();
        using var away = await swarm.ChatAsync("edgecoder-auto");
        Assert.Equal("swarm", Route(away));
        free.SetResult();
        using var one = await first;
        using var other = await waits;
        Assert.Equal(("edgecoder-local", "edgecoder-local"), (Route(one), Route(other)));
    }

    [Fact]
    public async Task When_nothing_is_left_each_way_is_told_with_its_reason()
    {
        await using var dead = await SwarmEndpoint.StartAsync(change: settings => settings with { Swarm = () => SwarmAccess.Of(new() { Coordinator = new("http://127.0.0.1:9"), ApiKey = "k" }) });
        dead.Endpoint.Inference.Answer = (context, _) => StubUpstream.JsonAsync(context, 503, Down);
        using var answer = await dead.ChatAsync("edgecoder-auto");
        var (status, code, error) = await SwarmEndpoint.ErrorAsync(answer);
        Assert.Equal((503, "no_model_available"), (status, code));
        Assert.Matches("local: down.* swarm: No coordinator answers", (string?)error["message"]);
    }

    [Fact]
    public async Task An_address_that_nobody_configured_is_none()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        var key = endpoint.Role.Keys.Create("mine", "acct", "team");
        using var answer = await endpoint.PostAsync("/v1/chat/completions", SwarmEndpoint.Body(), key);
        var (status, code, error) = await SwarmEndpoint.ErrorAsync(answer);
        Assert.Equal((503, "swarm_unavailable"), (status, code));
        Assert.Contains("COORDINATOR_URL", (string?)error["message"], StringComparison.Ordinal);
        var router = JsonNode.Parse(await endpoint.Client.GetStringAsync("/v1/router/status", TestContext.Current.CancellationToken))!;
        Assert.Equal((false, false), ((bool)router["swarmEnabled"]!, (bool)router["routes"]![1]!["available"]!));
        Assert.StartsWith("swarm_not_configured", (string?)router["routes"]![1]!["reason"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_use_it_learns_no_more_than_is_known()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        var router = JsonNode.Parse(await swarm.Endpoint.Client.GetStringAsync("/v1/router/status", TestContext.Current.CancellationToken))!;
        Assert.StartsWith("configured", (string?)router["routes"]![1]!["reason"], StringComparison.Ordinal);
        var model = JsonNode.Parse(await swarm.Endpoint.Client.GetStringAsync("/v1/models/edgecoder-swarm", TestContext.Current.CancellationToken))!;
        Assert.Equal((false, true), ((bool)model["edgecoder"]!["available"]!, ((string?)model["edgecoder"]!["reason"])!.Contains("--class team", StringComparison.Ordinal)));
        Assert.Empty(swarm.Coordinator.Requests);
    }

    [Fact]
    public async Task States_and_lists_say_what_is_so_to_who_may_use_it()
    {
        await using var swarm = await SwarmEndpoint.StartAsync(_time);
        Assert.Equal((true, true, true), await SeenAsync(swarm));
        swarm.Coordinator.Fault = _ => new() { Title = "Unavailable", Status = 503, Error = "storage_unavailable", Detail = "The store does not answer." };
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal((true, false, false), await SeenAsync(swarm));
    }

    private static async Task<(bool Enabled, bool Route, bool Model)> SeenAsync(SwarmEndpoint swarm)
    {
        var status = await GetAsync(swarm, "/status");
        var model = await GetAsync(swarm, "/v1/models/edgecoder-swarm");
        return ((bool)status["router"]!["swarmEnabled"]!, (bool)status["router"]!["routes"]![1]!["available"]!, (bool)model["edgecoder"]!["available"]!);
    }

    private static async Task<JsonNode> GetAsync(SwarmEndpoint swarm, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", swarm.TeamKey);
        using var answer = await swarm.Endpoint.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }

    private static string Route(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("X-EdgeCoder-Route", out var values) ? values.Single() : $"none: {(int)answer.StatusCode}";

    // Three slow samples, and the turn of the probe is taken.
    private void Close(SwarmEndpoint swarm)
    {
        var gate = swarm.Endpoint.Role.Services.GetRequiredService<LatencyGate>();
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var n = 0; n < 30; n++)
        {
            gate.Add(20_000, now);
        }

        gate.Admits(now);
        Assert.Equal(GateState.Closed, gate.State(now));
    }
}
