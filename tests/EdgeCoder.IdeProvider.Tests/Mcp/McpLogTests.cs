using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using EdgeCoder.IdeProvider.Tests.Composition;
using EdgeCoder.TestKit.Execution;

namespace EdgeCoder.IdeProvider.Tests.Mcp;

/// <summary>A stranger's bad request is answered as the protocol says, and neither fills the operator's log nor writes into it.</summary>
public sealed class McpLogTests
{
    private const string Marker = "words-of-a-stranger";

    [Theory]
    [InlineData("resources/read", """{"uri":"file:///etc/passwd?words-of-a-stranger"}""", -32002)]
    [InlineData("resources/read", """{"uri":"edgecoder://sessions/words-of-a-stranger"}""", -32002)]
    [InlineData("resources/read", """{"uri":"edgecoder://sessions/../words-of-a-stranger/diff"}""", -32002)]
    [InlineData("resources/read", """{"uri":5}""", -32603)]
    [InlineData("resources/read", null, -32602)]
    [InlineData("tools/call", """{"name":"words-of-a-stranger"}""", -32602)]
    [InlineData("tools/call", """{"name":null,"arguments":"words-of-a-stranger"}""", -32603)]
    [InlineData("tools/call", null, -32602)]
    [InlineData("words-of-a-stranger", "{}", -32601)]
    public async Task A_bad_request_is_a_protocol_error_and_nothing_in_the_log(string method, string? parameters, int code)
    {
        await using var stage = await new McpStage().StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Key);
        using var logs = CapturedLogs.Of(stage.Endpoint);
        using var answer = await PostAsync(stage, client.SessionId, $$"""{"jsonrpc":"2.0","id":7,"method":"{{method}}"{{(parameters is null ? "" : $",\"params\":{parameters}")}}}""");
        var said = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, said);
        var data = said.Split('\n').First(line => line.StartsWith("data: {", StringComparison.Ordinal));
        Assert.Equal(code, (int?)JsonNode.Parse(data["data: ".Length..])!["error"]?["code"]);
        Assert.Empty(logs.Lines);
        await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/list", words-of-a-stranger""")]
    [InlineData("""["words-of-a-stranger"]""")]
    [InlineData("""{"words-of-a-stranger":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":{"a":1},"method":"tools/list"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"none-of-ours","result":"words-of-a-stranger"}""")]
    public async Task What_is_no_message_is_refused_or_dropped_and_not_logged(string body)
    {
        await using var stage = await new McpStage().StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Key);
        using var logs = CapturedLogs.Of(stage.Endpoint);
        using var answer = await PostAsync(stage, client.SessionId, body);
        Assert.InRange((int)answer.StatusCode, 200, 499);
        Assert.Empty(logs.Lines);
        await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_session_that_its_client_ends_during_a_call_is_nothing_for_the_log()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stage = new McpStage();
        stage.Parts = stage.Parts with
        {
            Executor = new ScriptedExecutor(async (_, cancellationToken) =>
            {
                started.SetResult();
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
                throw new OperationCanceledException(cancellationToken);
            }),
        };
        await stage.StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Key);
        using var logs = CapturedLogs.Of(stage.Endpoint);
        var call = PostAsync(stage, client.SessionId, """{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"execute_code","arguments":{"language":"python","code":"words-of-a-stranger"}}}""");
        await started.Task.WaitAsync(TestContext.Current.CancellationToken);
        using var goodbye = new HttpRequestMessage(HttpMethod.Delete, "/mcp");
        goodbye.Headers.Authorization = new("Bearer", stage.Endpoint.Key);
        goodbye.Headers.Add("Mcp-Session-Id", client.SessionId);
        using var gone = await stage.Endpoint.Client.SendAsync(goodbye, TestContext.Current.CancellationToken);
        using var answer = await call;
        Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Empty(logs.Lines);
    }

    [Fact]
    public async Task A_fault_of_our_own_is_logged_once_with_its_place_and_without_its_words()
    {
        await using var stage = new McpStage();
        stage.Parts = stage.Parts with { ListModels = _ => throw new TimeoutException(Marker), Diff = (_, _) => throw new TimeoutException(Marker) };
        await stage.StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Key);
        using var logs = CapturedLogs.Of(stage.Endpoint);
        Assert.StartsWith("internal_error", McpStage.Failure(await client.CallToolAsync("list_models", cancellationToken: TestContext.Current.CancellationToken)), StringComparison.Ordinal);
        var diff = await Assert.ThrowsAsync<ModelContextProtocol.McpProtocolException>(async () => await client.ReadResourceAsync($"edgecoder://sessions/{Guid.NewGuid()}/diff", cancellationToken: TestContext.Current.CancellationToken));
        Assert.DoesNotContain(Marker, diff.Message, StringComparison.Ordinal);
        Assert.Equal(2, logs.Lines.Count);
        Assert.All(logs.Lines, line =>
        {
            Assert.StartsWith("Error EdgeCoder.IdeProvider.Mcp.McpService: MCP ", line, StringComparison.Ordinal);
            Assert.Contains("failed: TimeoutException    at ", line, StringComparison.Ordinal);
            Assert.DoesNotContain(Marker, line, StringComparison.Ordinal);
        });
    }

    private static Task<HttpResponseMessage> PostAsync(McpStage stage, string? session, string body) => stage.Endpoint.PostAsync("/mcp", body, stage.Endpoint.Key, headers =>
    {
        headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/json"));
        headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("text/event-stream"));
        headers.Add("Mcp-Session-Id", session);
    });
}
