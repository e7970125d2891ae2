using System.Net;
using EdgeCoder.IdeProvider.Swarm;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Clocks;
using EdgeCoder.TestKit.Coordinators;

namespace EdgeCoder.IdeProvider.Tests.Swarm;

/// <summary>When the swarm does not answer (agent-executor-models 6.3, 6.5; S8, S10).</summary>
public sealed class SwarmFailureTests
{
    private readonly AwaitedTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_the_deadline_the_caller_gets_504_with_the_task_which_goes_on()
    {
        await using var swarm = await SwarmEndpoint.StartAsync(_time);
        swarm.Coordinator.Ends = null;
        swarm.Coordinator.Explanation = new("t", TaskState.Planned, "agent_pending_approval", "No node is approved.", []);
        var asked = swarm.ChatAsync();
        var task = await swarm.Coordinator.Followed.Reader.ReadAsync(Cancel);
        _time.Advance(TimeSpan.FromSeconds(90));

        using var answer = await asked;
        var (status, code, error) = await SwarmEndpoint.ErrorAsync(answer);
        Assert.Equal((504, "upstream_timeout", task), (status, code, (string?)error["taskId"]));
        Assert.Contains("edgecoder result " + task, (string?)error["message"], StringComparison.Ordinal);
        Assert.Contains("No node is approved.", (string?)error["message"], StringComparison.Ordinal);
        Assert.False(swarm.Coordinator.Cancelled.Reader.TryRead(out _));
    }

    [Fact]
    public async Task The_result_of_a_task_that_was_late_is_given_to_who_asks_again()
    {
        await using var swarm = await SwarmEndpoint.StartAsync(_time);
        swarm.Coordinator.Ends = null;
        var asked = swarm.ChatAsync(headers: headers => headers.Add("Idempotency-Key", "once"));
        var task = await swarm.Coordinator.Followed.Reader.ReadAsync(Cancel);
        _time.Advance(TimeSpan.FromSeconds(90));
        using var late = await asked;
        Assert.Equal(HttpStatusCode.GatewayTimeout, late.StatusCode);

        swarm.Coordinator.End(ScriptedTasks.Completed(task, "at last"));
        using var again = await swarm.ChatAsync(headers: headers => headers.Add("Idempotency-Key", "once"));
        Assert.Equal("at last", (string?)(await SwarmEndpoint.JsonAsync(again))["choices"]![0]!["message"]!["content"]);
        Assert.Single(swarm.Coordinator.Tasks);
    }

    [Fact]
    public async Task A_stream_is_kept_open_and_its_late_failure_is_no_end()
    {
        await using var swarm = await SwarmEndpoint.StartAsync(_time);
        swarm.Coordinator.Ends = null;
        var asked = swarm.Endpoint.PostAsync("/v1/chat/completions", SwarmEndpoint.Body(rest: ""","stream":true"""), swarm.TeamKey, completion: HttpCompletionOption.ResponseHeadersRead);
        var task = await swarm.Coordinator.Followed.Reader.ReadAsync(Cancel);
        await _time.BegunAsync(SwarmStream.CommentPace, Cancel);
        _time.Advance(SwarmStream.CommentPace);
        using var answer = await asked;
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        Assert.Equal(": waiting", await reader.ReadLineAsync(Cancel));

        swarm.Coordinator.End(new() { TaskId = task, State = TaskState.Failed, StateReason = "attempts_exhausted" });
        var rest = await reader.ReadToEndAsync(Cancel);
        Assert.Contains("\"code\":\"upstream_error\"", rest, StringComparison.Ordinal);
        Assert.Contains(task, rest, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("finish_reason", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_stream_is_kept_open_too()
    {
        await using var swarm = await SwarmEndpoint.StartAsync(_time);
        swarm.Coordinator.Ends = null;
        var asked = swarm.Endpoint.PostAsync(
            "/v1/responses", """{"model":"edgecoder-swarm","input":"hi","stream":true,"edgecoder":{"dataClass":"team"}}""", swarm.TeamKey, completion: HttpCompletionOption.ResponseHeadersRead);
        var task = await swarm.Coordinator.Followed.Reader.ReadAsync(Cancel);
        await _time.BegunAsync(SwarmStream.CommentPace, Cancel);
        _time.Advance(SwarmStream.CommentPace);
        using var answer = await asked;
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        while (await reader.ReadLineAsync(Cancel) is { } line && line != ": waiting")
        {
            Assert.DoesNotContain("response.completed", line, StringComparison.Ordinal);
        }

        swarm.Coordinator.End(new() { TaskId = task, State = TaskState.Failed });
        Assert.Contains("response.failed", await reader.ReadToEndAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_coordinator_that_restarts_while_a_task_runs_costs_nothing()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Coordinator.BreaksAfter = 1;
        using var answer = await swarm.ChatAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Single(swarm.Coordinator.Bodies);
    }

    [Fact]
    public async Task A_failed_task_is_an_error_with_its_reason()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Coordinator.Ends = task => new() { TaskId = task.TaskId!, State = TaskState.Failed, StateReason = "attempts_exhausted" };
        using var answer = await swarm.ChatAsync();
        var (status, code, error) = await SwarmEndpoint.ErrorAsync(answer);
        Assert.Equal((502, "upstream_error"), (status, code));
        Assert.Contains("attempts_exhausted", (string?)error["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_would_wait_for_a_person_is_ended()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Coordinator.Ends = null;
        swarm.Coordinator.Events = [("escalation", """{"status":"pending_human"}""")];
        using var answer = await swarm.ChatAsync();
        Assert.Equal((502, "upstream_error"), await SwarmEndpoint.ErrorAsync(answer) is var (status, code, _) ? (status, code) : default);
        Assert.Equal("nobody_could_answer", (await swarm.Coordinator.Cancelled.Reader.ReadAsync(Cancel)).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_goes_away_takes_the_task_with_him(bool stream)
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Coordinator.Ends = null;
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(SwarmEndpoint.Body(rest: stream ? ",\"stream\":true" : ""), System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", swarm.TeamKey);
        var asked = swarm.Endpoint.Client.SendAsync(request, leaving.Token);
        var task = await swarm.Coordinator.Followed.Reader.ReadAsync(Cancel);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal((task, "client_disconnected"), await swarm.Coordinator.Cancelled.Reader.ReadAsync(Cancel));
    }

    [Fact]
    public async Task A_request_that_was_taken_back_can_be_made_again()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Coordinator.Ends = null;
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(SwarmEndpoint.Body(), System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", swarm.TeamKey);
        request.Headers.Add("Idempotency-Key", "once");
        var asked = swarm.Endpoint.Client.SendAsync(request, leaving.Token);
        await swarm.Coordinator.Followed.Reader.ReadAsync(Cancel);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await swarm.Coordinator.Cancelled.Reader.ReadAsync(Cancel);

        swarm.Coordinator.Ends = task => ScriptedTasks.Completed(task.TaskId!, "now");
        using var again = await swarm.ChatAsync(headers: headers => headers.Add("Idempotency-Key", "once"));
        Assert.Equal("now", (string?)(await SwarmEndpoint.JsonAsync(again))["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task A_coordinator_that_is_down_or_refuses_is_told()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Coordinator.Fault = path => path.StartsWith("POST", StringComparison.Ordinal) ? new() { Title = "Payment Required", Status = 402, Error = "insufficient_credits", Detail = "The account has no credits." } : null;
        using var poor = await swarm.ChatAsync();
        var (status, code, error) = await SwarmEndpoint.ErrorAsync(poor);
        Assert.Equal((503, "swarm_unavailable"), (status, code));
        Assert.Contains("no credits", (string?)error["message"], StringComparison.Ordinal);

        await using var dead = await SwarmEndpoint.StartAsync(change: settings => settings with { Swarm = () => IdeProvider.Swarm.SwarmAccess.Of(new() { Coordinator = new("http://127.0.0.1:9"), ApiKey = "k" }) });
        using var gone = await dead.ChatAsync();
        Assert.Equal((503, "swarm_unavailable"), await SwarmEndpoint.ErrorAsync(gone) is var (s, c, _) ? (s, c) : default);
    }
}
