using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.IdeProvider.Responses;
using EdgeCoder.IdeProvider.Tests.Composition;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.IdeProvider.Tests.Responses;

public sealed class ResponseTests
{
    private const string Call = """{"tool_calls":[{"index":0,"id":"call_7","type":"function","function":{"name":"add","arguments":""}}]}""";

    private static string Saying(params string[] words) =>
        StubUpstream.Piece("""{"role":"assistant","content":""}""") + string.Concat(words.Select(word => StubUpstream.Piece($$"""{"content":"{{word}}"}"""))) + StubUpstream.Piece("{}", "\"stop\"") + StubUpstream.Counts + StubUpstream.Done;

    [Fact]
    public async Task A_whole_response_has_the_text_the_counts_and_where_it_ran()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, Saying("Hel", "lo"));
        var response = await AskAsync(endpoint, """{"model":"coder","instructions":"be kind","input":"hi","temperature":0.5,"max_output_tokens":50}""");
        Assert.Equal(("response", "completed", "coder"), (Text(response["object"]), Text(response["status"]), Text(response["model"])));
        Assert.Equal("Hello", Text(response["output"]![0]!["content"]![0]!["text"]));
        Assert.Equal((11, 2, 13), ((int)response["usage"]!["input_tokens"]!, (int)response["usage"]!["output_tokens"]!, (int)response["usage"]!["total_tokens"]!));
        Assert.Equal("this-machine", Text(response["edgecoder"]!["ranOn"]));
        var asked = JsonNode.Parse(Assert.Single(endpoint.Inference.Bodies))!;
        Assert.Equal("""[{"role":"developer","content":"be kind"},{"role":"user","content":"hi"}]""", asked["messages"]!.ToJsonString());
        Assert.Equal((0.5, 50), ((double)asked["temperature"]!, (int)asked["max_completion_tokens"]!));
    }

    [Fact]
    public async Task The_events_come_in_the_order_of_the_api_and_are_numbered()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, Saying("Hel", "lo"));
        using var answer = await endpoint.PostAsync("/v1/responses", """{"model":"coder","input":[{"role":"user","content":[{"type":"input_text","text":"hi"}]}],"stream":true,"store":false}""");
        var events = Events(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            ["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
            "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed"],
            events.Select(said => Text(said["type"])));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(said => (int)said["sequence_number"]!));
        Assert.Equal("Hello", Text(events[^1]["response"]!["output"]![0]!["content"]![0]!["text"]));
    }

    [Fact]
    public async Task A_tool_call_and_its_answer_make_the_round()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(
            context,
            StubUpstream.Piece(Call) + StubUpstream.Piece("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}""") + StubUpstream.Piece("""{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}""")
            + StubUpstream.Piece("{}", "\"tool_calls\"") + StubUpstream.Counts + StubUpstream.Done);
        const string tools = "\"tools\":[{\"type\":\"function\",\"name\":\"add\",\"description\":\"adds\",\"parameters\":{\"type\":\"object\"},\"strict\":true}],\"tool_choice\":\"auto\"";
        var first = await AskAsync(endpoint, "{\"input\":\"add\"," + tools + "}");
        var call = first["output"]![0]!;
        Assert.Equal(("function_call", "call_7", "add", "{\"a\":1}"), (Text(call["type"]), Text(call["call_id"]), Text(call["name"]), Text(call["arguments"])));
        Assert.Equal("""[{"type":"function","function":{"name":"add","description":"adds","parameters":{"type":"object"},"strict":true}}]""", JsonNode.Parse(endpoint.Inference.Bodies.Last())!["tools"]!.ToJsonString());

        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, Saying("2"));
        await AskAsync(endpoint, $$"""{"previous_response_id":"{{Text(first["id"])}}","input":[{"type":"function_call_output","call_id":"call_7","output":"2"}]}""");
        var messages = JsonNode.Parse(endpoint.Inference.Bodies.Last())!["messages"]!.AsArray();
        Assert.Equal(["user", "assistant", "tool"], messages.Select(message => Text(message!["role"])));
        Assert.Equal("call_7", Text(messages[1]!["tool_calls"]![0]!["id"]));
        Assert.Equal(("call_7", "2"), (Text(messages[2]!["tool_call_id"]), Text(messages[2]!["content"])));
    }

    [Fact]
    public async Task A_function_of_a_namespace_is_offered_called_and_remembered_under_both_names()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(
            context,
            StubUpstream.Piece("""{"tool_calls":[{"index":0,"id":"call_8","type":"function","function":{"name":"files__read","arguments":"{}"}}]}""") + StubUpstream.Piece("{}", "\"tool_calls\"") + StubUpstream.Counts + StubUpstream.Done);
        const string asked = """
            {"input":[{"role":"user","content":"read"},{"type":"function_call","call_id":"c","namespace":"files","name":"read","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"x"}],
            "tools":[{"type":"namespace","name":"files","description":"d","tools":[{"type":"function","name":"read","parameters":{"type":"object"}}]}],"tool_choice":{"type":"function","namespace":"files","name":"read"}}
            """;
        var call = (await AskAsync(endpoint, asked))["output"]![0]!;
        Assert.Equal(("files", "read"), (Text(call["namespace"]), Text(call["name"])));
        var chat = JsonNode.Parse(endpoint.Inference.Bodies.Last())!;
        Assert.Equal(
            ("files__read", "files__read", "files__read"),
            (Text(chat["tools"]![0]!["function"]!["name"]), Text(chat["messages"]![1]!["tool_calls"]![0]!["function"]!["name"]), Text(chat["tool_choice"]!["function"]!["name"])));
    }

    [Fact]
    public async Task Hints_and_members_that_nobody_knows_change_nothing()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, Saying("x"));
        const string hints = """
            {"input":"hi","reasoning":{"effort":"low","summary":"auto"},"include":["reasoning.encrypted_content"],"prompt_cache_key":"k","client_metadata":{"a":"b"},"service_tier":"auto",
            "truncation":"auto","text":{"verbosity":"low"},"top_logprobs":0,"prompt":null,"conversation":null,"safety_identifier":"s","of_next_year":[1]}
            """;
        Assert.Equal("x", Text((await AskAsync(endpoint, hints))["output"]![0]!["content"]![0]!["text"]));
        Assert.Equal(["messages", "stream", "stream_options"], JsonNode.Parse(endpoint.Inference.Bodies.Last())!.AsObject().Select(member => member.Key).Where(name => name != "model"));
    }

    [Fact]
    public void Names_of_tools_stay_within_what_model_servers_accept_and_apart()
    {
        var (one, other) = (ResponseTools.ChatName(new('n', 60), "first"), ResponseTools.ChatName(new('n', 60), "second"));
        Assert.Equal((64, 64), (one.Length, other.Length));
        Assert.NotEqual(one, other);
        Assert.Equal(one, ResponseTools.ChatName(new('n', 60), "first"));
        Assert.Equal("plain", ResponseTools.ChatName(null, "plain"));
    }

    [Fact]
    public async Task A_stored_response_is_its_askers_alone_and_ends()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var endpoint = await RunningEndpoint.StartAsync(time: time);
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, Saying("x"));
        var id = Text((await AskAsync(endpoint, """{"input":"hi"}"""))["id"]);
        var other = endpoint.Role.Keys.Create("other", "acct", "mesh");
        Assert.Equal((200, 404, 404), (await GetAsync(endpoint, id), await GetAsync(endpoint, id, other), await GetAsync(endpoint, "resp_../../keys")));
        time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(404, await GetAsync(endpoint, id));
    }

    [Fact]
    public async Task Deleted_and_never_stored_responses_are_gone()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, Saying("x"));
        var kept = Text((await AskAsync(endpoint, """{"input":"hi"}"""))["id"]);
        var unkept = Text((await AskAsync(endpoint, """{"input":"hi","store":false}"""))["id"]);
        using var deleted = await endpoint.Client.DeleteAsync("/v1/responses/" + kept, TestContext.Current.CancellationToken);
        Assert.Equal((200, 404, 404), ((int)deleted.StatusCode, await GetAsync(endpoint, kept), await GetAsync(endpoint, unkept)));
        using var next = await endpoint.PostAsync("/v1/responses", $$"""{"previous_response_id":"{{kept}}","input":"more"}""");
        Assert.Equal(HttpStatusCode.NotFound, next.StatusCode);
    }

    [Fact]
    public async Task What_continues_a_response_is_never_wider_than_it()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, Saying("x"));
        var local = await AskAsync(endpoint, """{"input":"hi"}""", endpoint.Key);
        var next = await AskAsync(endpoint, $$$"""{"previous_response_id":"{{{Text(local["id"])}}}","input":"more","edgecoder":{"dataClass":"mesh"}}""", endpoint.Key);
        Assert.Equal("local", Text(next["edgecoder"]!["dataClass"]));
    }

    [Fact]
    public async Task A_failure_in_the_middle_is_told_as_failed_and_nothing_is_stored()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, StubUpstream.Piece("""{"role":"assistant","content":"half"}"""));
        using var answer = await endpoint.PostAsync("/v1/responses", """{"input":"hi","stream":true}""");
        var events = Events(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("response.failed", "upstream_error"), (Text(events[^1]["type"]), Text(events[^1]["response"]!["error"]!["code"])));
        Assert.DoesNotContain(events, said => Text(said["type"]) == "response.completed");
        Assert.Equal(404, await GetAsync(endpoint, Text(events[0]["response"]!["id"])));
    }

    [Theory]
    [InlineData("""{}""", "invalid_request", "input")]
    [InlineData("""{"input":5}""", "invalid_request", "input")]
    [InlineData("""{"input":"hi","tools":[{"type":"web_search"}]}""", "unsupported_parameter", "tools[0].type")]
    [InlineData("""{"input":"hi","tools":[{"type":"namespace","name":"a","tools":[{"type":"custom","name":"b"}]}]}""", "unsupported_parameter", "tools[0].tools[0].type")]
    [InlineData("""{"input":"hi","tools":[{"type":"namespace","name":"a"}]}""", "invalid_request", "tools[0].tools")]
    [InlineData("""{"input":"hi","tools":[{"type":"namespace","name":"a","tools":[{"type":"namespace","name":"b","tools":[]}]}]}""", "unsupported_parameter", "tools[0].tools[0].type")]
    [InlineData("""{"input":"hi","tools":[{"type":"function","name":"a__b"},{"type":"namespace","name":"a","tools":[{"type":"function","name":"b"}]}]}""", "invalid_request", "tools[1].tools[0].name")]
    [InlineData("""{"input":"hi","tools":[{"type":"function","name":"a"}],"tool_choice":{"type":"web_search"}}""", "unsupported_parameter", "tool_choice")]
    [InlineData("""{"input":[{"type":"computer_call"}]}""", "unsupported_parameter", "input[0]")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_file"}]}]}""", "unsupported_parameter", "input[0].content[0]")]
    [InlineData("""{"input":"hi","background":true}""", "unsupported_parameter", "background")]
    [InlineData("""{"input":"hi","prompt":{"id":"pmpt_1"}}""", "unsupported_parameter", "prompt")]
    [InlineData("""{"input":"hi","conversation":"conv_1"}""", "unsupported_parameter", "conversation")]
    [InlineData("""{"input":"hi","top_logprobs":2}""", "unsupported_parameter", "top_logprobs")]
    [InlineData("""{"input":"hi","include":["message.output_text.logprobs"]}""", "unsupported_parameter", "include")]
    [InlineData("""{"input":"hi","store":"yes"}""", "invalid_request", "store")]
    [InlineData("""{"input":"hi","input":"ho"}""", "invalid_json", null)]
    public async Task A_bad_request_is_refused(string body, string code, string? param)
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var answer = await endpoint.PostAsync("/v1/responses", body);
        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!;
        Assert.Equal((400, code, param), ((int)answer.StatusCode, Text(error["code"]), (string?)error["param"]));
    }

    private static async Task<JsonNode> AskAsync(RunningEndpoint endpoint, string body, string? key = null)
    {
        using var answer = await endpoint.PostAsync("/v1/responses", body, key);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private static async Task<int> GetAsync(RunningEndpoint endpoint, string id, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/responses/" + Uri.EscapeDataString(id));
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        using var answer = await endpoint.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    private static List<JsonNode> Events(string body) =>
        [.. body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(block => block.Split('\n').Single(line => line.StartsWith("data: ", StringComparison.Ordinal))).Select(line => JsonNode.Parse(line["data: ".Length..])!)];

    private static string Text(JsonNode? node) => (string)node!;
}
