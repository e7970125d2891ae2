using System.Net;
using System.Text.Json.Nodes;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Coordinators;

namespace EdgeCoder.IdeProvider.Tests.Swarm;

/// <summary><c>edgecoder-swarm</c> on the chat and responses routes (agent-executor-models 6.5; S7, S10).</summary>
public sealed class SwarmChatTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chat_becomes_one_task_and_its_result_the_answer()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        using var answer = await swarm.ChatAsync(rest: ""","temperature":0.3""");
        var chat = await SwarmEndpoint.JsonAsync(answer);

        Assert.Equal(("from afar", "stop"), ((string?)chat["choices"]![0]!["message"]!["content"], (string?)chat["choices"]![0]!["finish_reason"]));
        var task = Assert.Single(swarm.Coordinator.Tasks).Value;
        Assert.Equal(("hi", SubtaskKind.SingleStep, "ide-requests", ResourceClass.Cpu, 60, "team", "acct-mine"), (task.Prompt, task.Kind, task.ProjectId, task.ResourceClass, task.Priority, task.DataClass, task.SubmitterAccountId));
        Assert.Equal("swarm", answer.Headers.GetValues("X-EdgeCoder-Route").Single());
        var marks = chat["edgecoder"]!;
        Assert.Equal(("swarm", "team", "swarm", task.TaskId, 1.5m), ((string?)marks["route"], (string?)marks["dataClass"], (string?)marks["ranOn"], (string?)marks["taskId"], (decimal?)marks["creditsSpent"]));
        Assert.Equal(("estimated", "unverified", """["temperature"]"""), ((string?)marks["usage"], (string?)marks["verification"], marks["ignored"]!.ToJsonString()));
        Assert.Equal(swarm.Coordinator.Url.GetLeftPart(UriPartial.Authority), (string?)marks["egress"]![0]!["destination"]);
        Assert.True((int)chat["usage"]!["prompt_tokens"]! > 0 && (int)chat["usage"]!["completion_tokens"]! > 0);
        Assert.Empty(swarm.Endpoint.Inference.Bodies);
    }

    [Fact]
    public async Task A_stream_has_one_role_one_end_and_the_counts_where_they_are_wanted()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        using var answer = await swarm.ChatAsync(rest: ""","stream":true,"stream_options":{"include_usage":true}""");
        var lines = (await answer.Content.ReadAsStringAsync(Cancel)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", lines[^1]);
        var pieces = lines[..^1].Select(line => JsonNode.Parse(line["data: ".Length..])!).ToList();
        Assert.Equal(("assistant", "from afar", "swarm"), ((string?)pieces[0]["choices"]![0]!["delta"]!["role"], (string?)pieces[0]["choices"]![0]!["delta"]!["content"], (string?)pieces[0]["edgecoder"]!["route"]));
        Assert.Equal("stop", (string?)pieces[1]["choices"]![0]!["finish_reason"]);
        Assert.Equal((0, true), (pieces[2]["choices"]!.AsArray().Count, (int)pieces[2]["usage"]!["total_tokens"]! > 0));
        Assert.Equal("swarm", answer.Headers.GetValues("X-EdgeCoder-Route").Single());
    }

    [Fact]
    public async Task Stop_words_and_the_limit_of_tokens_are_kept()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Coordinator.Ends = task => ScriptedTasks.Completed(task.TaskId!, "one two three four END five");
        using var stopped = await swarm.ChatAsync(rest: ""","stop":["END"]""");
        Assert.Equal(("one two three four ", "stop"), Choice(await SwarmEndpoint.JsonAsync(stopped)));
        using var cut = await swarm.ChatAsync(rest: ""","max_tokens":3""");
        Assert.Equal(("one two", "length"), Choice(await SwarmEndpoint.JsonAsync(cut)) is var (text, finish) ? (text.TrimEnd(), finish) : default);
    }

    [Fact]
    public async Task A_conversation_keeps_its_turns_and_instructions()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        using var answer = await swarm.Endpoint.PostAsync(
            "/v1/chat/completions",
            """{"model":"edgecoder-swarm","messages":[{"role":"system","content":"be kind"},{"role":"user","content":[{"type":"text","text":"first"}]},{"role":"assistant","content":"yes"},{"role":"user","content":"then"}]}""",
            swarm.TeamKey,
            headers => headers.Add("X-EdgeCoder-Data-Class", "team"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("be kind\n\nUser:\nfirst\n\nAssistant:\nyes\n\nUser:\nthen\n\nAnswer the last message of the user.", Assert.Single(swarm.Coordinator.Tasks).Value.Prompt);
    }

    [Theory]
    [InlineData(""","tools":[{"type":"function","function":{"name":"f"}}]""", 503, "no_model_available", "proven for tools")]
    [InlineData(""","response_format":{"type":"json_object"}""", 400, "unsupported_parameter", "text")]
    public async Task What_a_task_of_text_cannot_carry_is_refused_with_the_reason(string rest, int status, string code, string reason)
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        using var answer = await swarm.ChatAsync(rest: rest);
        var (given, name, error) = await SwarmEndpoint.ErrorAsync(answer);
        Assert.Equal((status, code), (given, name));
        Assert.Contains(reason, (string?)error["message"], StringComparison.Ordinal);
        Assert.Empty(swarm.Coordinator.Requests);
    }

    [Theory]
    [InlineData("/v1/completions", "\"prompt\":\"hi\"")]
    [InlineData("/v1/embeddings", "\"input\":\"hi\"")]
    public async Task Completions_and_embeddings_never_go_there(string route, string rest)
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        using var named = await swarm.Endpoint.PostAsync(route, "{\"model\":\"edgecoder-swarm\",\"edgecoder\":{\"dataClass\":\"team\"}," + rest + "}", swarm.TeamKey);
        Assert.Equal((400, "unsupported_parameter"), await SwarmEndpoint.ErrorAsync(named) is var (status, code, _) ? (status, code) : default);
        swarm.Endpoint.Inference.Answer = (context, _) => Composition.StubUpstream.JsonAsync(context, 503, """{"error":{"message":"down","code":"local_model_unavailable"}}""");
        using var auto = await swarm.Endpoint.PostAsync(route, "{\"edgecoder\":{\"dataClass\":\"team\"}," + rest + "}", swarm.TeamKey);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, auto.StatusCode);
        Assert.Empty(swarm.Coordinator.Requests);
    }

    [Fact]
    public async Task The_same_request_with_an_idempotency_key_is_one_task()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        using var first = await swarm.ChatAsync(headers: headers => headers.Add("Idempotency-Key", "once"));
        using var again = await swarm.ChatAsync(headers: headers => headers.Add("Idempotency-Key", "once"));
        using var other = await swarm.ChatAsync(headers: headers => headers.Add("Idempotency-Key", "twice"));
        Assert.Equal((3, 2), (swarm.Coordinator.Bodies.Count, swarm.Coordinator.Tasks.Count));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task A_lost_answer_makes_no_second_task()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        swarm.Coordinator.LosesAnswers = 1;
        using var answer = await swarm.ChatAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal((2, 1), (swarm.Coordinator.Bodies.Count, swarm.Coordinator.Tasks.Count));
    }

    [Fact]
    public async Task A_response_of_the_swarm_has_the_text_and_where_it_ran()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        using var answer = await swarm.Endpoint.PostAsync("/v1/responses", """{"model":"edgecoder-swarm","input":"hi","edgecoder":{"dataClass":"team"}}""", swarm.TeamKey);
        var response = await SwarmEndpoint.JsonAsync(answer);
        Assert.Equal(("completed", "from afar", "swarm"), ((string?)response["status"], (string?)response["output"]![0]!["content"]![0]!["text"], (string?)response["edgecoder"]!["ranOn"]));
        Assert.Equal("swarm", answer.Headers.GetValues("X-EdgeCoder-Route").Single());
        Assert.True((int)response["usage"]!["total_tokens"]! > 0);

        using var streamed = await swarm.Endpoint.PostAsync("/v1/responses", """{"model":"edgecoder-swarm","input":"hi","stream":true,"edgecoder":{"dataClass":"team"}}""", swarm.TeamKey);
        var text = await streamed.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("\"delta\":\"from afar\"", text, StringComparison.Ordinal);
        Assert.Contains("event: response.completed", text, StringComparison.Ordinal);
    }

    private static (string, string) Choice(JsonNode chat) => ((string)chat["choices"]![0]!["message"]!["content"]!, (string)chat["choices"]![0]!["finish_reason"]!);
}
