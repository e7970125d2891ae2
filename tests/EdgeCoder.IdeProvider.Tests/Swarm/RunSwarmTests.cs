using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.IdeProvider.Tests.Composition;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Coordinators;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.IdeProvider.Tests.Swarm;

/// <summary><c>POST /run/swarm</c> (agent-executor-models 6.2).</summary>
public sealed class RunSwarmTests
{
    private const string Body = """{"task":"write add","tests":"assert add(1, 2) == 3","maxTokens":4000,"dataClass":"team"}""";

    [Fact]
    public async Task A_snippet_is_made_by_a_worker_and_comes_back_verified()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Coordinator.Ends = task => ScriptedTasks.Completed(task.TaskId!, "def add(a, b): return a + b") with { Labels = [], TestReport = new(1, 1, 0, 0) };
        using var answer = await swarm.Endpoint.PostAsync("/run/swarm", Body, swarm.TeamKey);
        var run = await SwarmEndpoint.JsonAsync(answer);
        Assert.Equal(("succeeded", "accepted", "def add(a, b): return a + b", "agent", "team"), ((string?)run["outcome"], (string?)run["verification"], (string?)run["generatedCode"], (string?)run["ranOn"]!["kind"], (string?)run["dataClass"]));
        Assert.Equal(("swarm", (string?)run["taskId"]), ((string?)run["edgecoder"]!["route"], (string?)run["edgecoder"]!["taskId"]));

        var task = Assert.Single(swarm.Coordinator.Tasks).Value;
        Assert.Equal((SubtaskKind.MicroLoop, "python", 4000), (task.Kind, task.Language, task.Limits!.MaxTokens));
        var file = Assert.Single(task.AcceptanceCheck!.Files!);
        Assert.Equal("assert add(1, 2) == 3", Encoding.UTF8.GetString(swarm.Coordinator.Blobs[file.Sha256]));
    }

    [Fact]
    public async Task What_did_not_succeed_says_so()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Coordinator.Ends = task => new() { TaskId = task.TaskId!, State = TaskState.Failed, StateReason = "attempts_exhausted" };
        using var failed = await swarm.Endpoint.PostAsync("/run/swarm", Body, swarm.TeamKey);
        var run = await SwarmEndpoint.JsonAsync(failed);
        Assert.Equal(("failed", "unverified", null), ((string?)run["outcome"], (string?)run["verification"], run["generatedCode"]));

        swarm.Coordinator.Ends = task => ScriptedTasks.Completed(task.TaskId!, "x = 1");
        using var unverified = await swarm.Endpoint.PostAsync("/run/swarm", """{"task":"write add","dataClass":"team"}""", swarm.TeamKey);
        Assert.Equal("unverified", (string?)(await SwarmEndpoint.JsonAsync(unverified))["outcome"]);
    }

    [Fact]
    public async Task What_takes_too_long_is_told_with_its_task_and_who_leaves_takes_it_with_him()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var swarm = await SwarmEndpoint.StartAsync(time);
        swarm.Coordinator.Ends = null;
        var asked = swarm.Endpoint.PostAsync("/run/swarm", Body, swarm.TeamKey);
        var task = await swarm.Coordinator.Followed.Reader.ReadAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMinutes(10));
        using var late = await asked;
        var problem = JsonNode.Parse(await late.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal((504, "upstream_timeout", task), ((int)late.StatusCode, (string?)problem["error"], (string?)problem["taskId"]));

        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/run/swarm") { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", swarm.TeamKey);
        var left = swarm.Endpoint.Client.SendAsync(request, leaving.Token);
        var other = await swarm.Coordinator.Followed.Reader.ReadAsync(TestContext.Current.CancellationToken);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal((other, "client_disconnected"), await swarm.Coordinator.Cancelled.Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_waits_for_a_person_is_told_as_escalated()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Coordinator.Ends = null;
        swarm.Coordinator.Events = [("lease.granted", "{}"), ("escalation", """{"status":"pending_human"}""")];
        using var answer = await swarm.Endpoint.PostAsync("/run/swarm", Body, swarm.TeamKey);
        var run = await SwarmEndpoint.JsonAsync(answer);
        Assert.Equal(("escalated", true), ((string?)run["outcome"], (bool)run["escalated"]!));
        Assert.False(swarm.Coordinator.Cancelled.Reader.TryRead(out _));
    }

    [Fact]
    public async Task It_needs_a_key_a_class_and_a_coordinator()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        using var nobody = await swarm.Endpoint.PostAsync("/run/swarm", Body);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        using var local = await swarm.Endpoint.PostAsync("/run/swarm", """{"task":"write add"}""", swarm.TeamKey);
        Assert.Equal((403, "data_class_denied"), ((int)local.StatusCode, await CodeAsync(local)));
        Assert.Empty(swarm.Coordinator.Requests);

        await using var alone = await RunningEndpoint.StartAsync();
        using var none = await alone.PostAsync("/run/swarm", Body, alone.Role.Keys.Create("mine", "acct", "team"));
        Assert.Equal((503, "swarm_not_configured"), ((int)none.StatusCode, await CodeAsync(none)));
    }

    [Theory]
    [InlineData("""{"dataClass":"team"}""", "task")]
    [InlineData("""{"task":"x","language":"cobol","dataClass":"team"}""", "language")]
    [InlineData("""{"task":"x","provider":"ollama-local","dataClass":"team"}""", "provider")]
    [InlineData("""{"task":"x","maxTokens":0,"dataClass":"team"}""", "maxTokens")]
    [InlineData("""{"task":"x","dataClass":"planet"}""", "dataClass")]
    public async Task A_wrong_member_is_named(string body, string member)
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        using var answer = await swarm.Endpoint.PostAsync("/run/swarm", body, swarm.TeamKey);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"\"path\":\"{member}\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty(swarm.Coordinator.Requests);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) => (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"];
}
