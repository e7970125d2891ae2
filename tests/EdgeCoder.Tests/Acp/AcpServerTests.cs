using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Acp;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Tests.Repositories;

namespace EdgeCoder.Tests.Acp;

/// <summary>The server over pipes with a scripted agent: bad messages, approvals, the end of the connection (R7).</summary>
public sealed class AcpServerTests : IAsyncLifetime
{
    private static readonly ToolAction Removal = new() { Tool = "run_command", Access = ToolAccess.Execute, Summary = "run rm -rf build", Command = ["rm", "-rf", "build"], Arguments = "{}" };
    private readonly RepositoryDesk _desk = new();
    private readonly Pipe _toServer = new();
    private readonly Pipe _toClient = new();
    private StreamReader _read = StreamReader.Null;
    private Task _running = Task.CompletedTask;
    private int _id;

    public ValueTask InitializeAsync()
    {
        var world = _desk.World();
        var work = world.Repositories(world);
        var connection = new RpcConnection(_toServer.Reader.AsStream(), _toClient.Writer.AsStream());
        var server = new AcpServer(work, new() { Task = new() { Root = _desk.Root } }, connection, _desk.Time);
        _running = ServeAsync(server, connection);
        _read = new StreamReader(_toClient.Reader.AsStream());
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _toServer.Writer.CompleteAsync();
        await _running;
        _read.Dispose();
        _desk.Dispose();
    }

    [Theory]
    [InlineData("{", -32700)]
    [InlineData("[1]", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\"}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"no/such\"}", -32601)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"session/new\",\"params\":{}}", -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session/new\",\"params\":{\"cwd\":\"relative\",\"mcpServers\":[]}}", -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session/prompt\",\"params\":{\"sessionId\":\"x\",\"prompt\":[]}}", -32002)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"authenticate\",\"params\":{\"methodId\":\"x\"}}", -32602)]
    public async Task A_message_that_is_wrong_gets_its_error_and_the_connection_goes_on(string line, int code)
    {
        await SendAsync(line);
        Assert.Equal(code, (int)(await NextAsync())["error"]!["code"]!);
        await RequestAsync("initialize", new { protocolVersion = 1 });
        Assert.Equal(1, (int)(await AnswerAsync())["result"]!["protocolVersion"]!);
    }

    [Theory]
    [InlineData("once", ApprovalAnswer.Once)]
    [InlineData("session", ApprovalAnswer.Session)]
    [InlineData("always", ApprovalAnswer.Always)]
    [InlineData("deny", ApprovalAnswer.Denied)]
    [InlineData("something-else", ApprovalAnswer.Expired)]
    public async Task An_approval_is_what_the_person_chose_among_what_was_offered(string option, ApprovalAnswer expected)
    {
        _desk.Review.Changes.Clear();
        _desk.Script.Enqueue(new() { Asks = Removal });
        await PromptAsync();
        var asked = await UntilAsync("session/request_permission");
        Assert.Contains("$ rm -rf build", asked["params"]!["toolCall"]!["content"]![0]!["content"]!["text"]!.ToString(), StringComparison.Ordinal);
        await ReplyAsync(asked, option);
        Assert.Equal("end_turn", (string)(await AnswerAsync())["result"]!["stopReason"]!);
        Assert.Equal([expected], _desk.Session!.Answers);
    }

    [Fact]
    public async Task An_answer_with_another_id_answers_nothing()
    {
        _desk.Review.Changes.Clear();
        _desk.Script.Enqueue(new() { Asks = Removal });
        await PromptAsync();
        var asked = await UntilAsync("session/request_permission");
        await SendAsync("{\"jsonrpc\":\"2.0\",\"id\":4711,\"result\":{\"outcome\":{\"outcome\":\"selected\",\"optionId\":\"once\"}}}");
        await SendAsync("{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{\"outcome\":{\"outcome\":\"selected\",\"optionId\":\"once\"}}}");
        await ReplyAsync(asked, "deny");
        await ReplyAsync(asked, "once");
        await AnswerAsync();
        Assert.Equal([ApprovalAnswer.Denied], _desk.Session!.Answers);
    }

    [Fact]
    public async Task A_question_expires_when_its_time_is_over()
    {
        _desk.Review.Changes.Clear();
        _desk.Script.Enqueue(new() { Asks = Removal });
        await PromptAsync();
        await UntilAsync("session/request_permission");
        _desk.Time.Advance(TimeSpan.FromMinutes(10));
        await AnswerAsync();
        Assert.Equal([ApprovalAnswer.Expired], _desk.Session!.Answers);
    }

    [Fact]
    public async Task A_question_expires_when_the_connection_closes()
    {
        _desk.Script.Enqueue(new() { Asks = Removal });
        await PromptAsync();
        await UntilAsync("session/request_permission");
        await _toServer.Writer.CompleteAsync();
        await _running;
        Assert.DoesNotContain(ApprovalAnswer.Once, _desk.Session!.Answers);
        Assert.Empty(_desk.Review.Actions);
    }

    [Fact]
    public async Task Cancelling_the_turn_ends_the_prompt_with_its_reason()
    {
        _desk.Script.Enqueue(new() { Gate = new TaskCompletionSource().Task });
        var session = await PromptAsync();
        await UntilAsync("session/update", update => (string)update["params"]!["update"]!["sessionUpdate"]! == "available_commands_update");
        await SendAsync(JsonSerializer.Serialize(new { jsonrpc = "2.0", method = "session/cancel", @params = new { sessionId = session } }));
        Assert.Equal("cancelled", (string)(await AnswerAsync())["result"]!["stopReason"]!);
    }

    [Fact]
    public async Task A_second_prompt_meanwhile_is_refused()
    {
        var gate = new TaskCompletionSource();
        _desk.Review.Changes.Clear();
        _desk.Script.Enqueue(new() { Gate = gate.Task });
        var session = await PromptAsync();
        await RequestAsync("session/prompt", new { sessionId = session, prompt = new[] { new { type = "text", text = "more" } } });
        Assert.Equal(-32600, (int)(await AnswerAsync())["error"]!["code"]!);
        gate.SetResult();
        Assert.Equal("end_turn", (string)(await AnswerAsync(_id - 1))["result"]!["stopReason"]!);
    }

    [Theory]
    [InlineData("trust", true)]
    [InlineData("refuse", false)]
    public async Task A_root_that_nobody_trusted_is_asked_for_before_anything_is_read(string option, bool begun)
    {
        _desk.Trusted.Clear();
        _desk.Review.Changes.Clear();
        _desk.Script.Enqueue(new());
        await PromptAsync();
        var asked = await UntilAsync("session/request_permission");
        Assert.Null(_desk.Begun);
        await ReplyAsync(asked, option);
        Assert.Equal(begun ? "end_turn" : "refusal", (string)(await AnswerAsync())["result"]!["stopReason"]!);
        Assert.Equal(begun, _desk.Begun is not null);
    }

    [Theory]
    [InlineData("apply", "apply")]
    [InlineData("later", "")]
    [InlineData("reject", "")]
    public async Task The_change_is_applied_by_the_persons_word_alone(string option, string action)
    {
        _desk.Script.Enqueue(new());
        await PromptAsync();
        await ReplyAsync(await UntilAsync("session/request_permission"), option);
        await AnswerAsync();
        Assert.Equal(action.Length == 0 ? [] : [action], _desk.Review.Actions);
        Assert.Equal(option == "reject" ? 1 : 0, _desk.Review.Selected.Count);
    }

    [Fact]
    public async Task The_id_that_the_editor_got_is_the_sessions_own()
    {
        _desk.Review.Changes.Clear();
        _desk.Script.Enqueue(new());
        var session = await PromptAsync();
        await AnswerAsync();
        Assert.Equal(session, _desk.Begun!.SessionId);
    }

    [Fact]
    public async Task A_file_with_secrets_comes_by_name_alone()
    {
        _desk.Review.Changes.Clear();
        _desk.Script.Enqueue(new());
        var session = await NewAsync();
        await RequestAsync("session/prompt", new
        {
            sessionId = session,
            prompt = new object[]
            {
                new { type = "text", text = "look at " },
                new { type = "resource", resource = new { uri = new Uri(Path.Combine(_desk.Root, "config", ".env")).AbsoluteUri, text = "TOKEN=hunter2" } },
                new { type = "resource", resource = new { uri = new Uri(Path.Combine(_desk.Root, "a.py")).AbsoluteUri, text = "x = '```'" } },
            },
        });
        await AnswerAsync();
        var prompt = Assert.Single(_desk.Session!.Prompts);
        Assert.DoesNotContain("hunter2", prompt, StringComparison.Ordinal);
        Assert.Contains("config/.env holds secrets", prompt, StringComparison.Ordinal);
        Assert.Contains("````\nx = '```'\n````", prompt, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_event_has_its_updates_or_none_and_paths_are_the_persons()
    {
        var updates = new AcpUpdates(_desk.Root);
        var call = new ToolCallEvent { Id = "1", Tool = "edit_file", Args = JsonDocument.Parse("{\"path\":\"src/a.py\"}").RootElement, Summary = "edit src/a.py", RequiresApproval = true };
        var update = Assert.Single(updates.Of(call, replay: false));
        Assert.Equal(("tool_call", "edit", "pending"), (update.SessionUpdate, update.Kind, update.Status));
        Assert.Equal(Path.Combine(_desk.Root, "src", "a.py"), Assert.Single(update.Locations!).Path);
        Assert.Empty(updates.Of(new PromptEvent { Content = "x" }, replay: false));
        Assert.Equal("user_message_chunk", Assert.Single(updates.Of(new PromptEvent { Content = "x" }, replay: true)).SessionUpdate);
        Assert.Empty(updates.Of(new SavePointEvent { Id = 1, Tree = "t", Label = "l" }, replay: true));
    }

    private static async Task ServeAsync(AcpServer server, RpcConnection connection)
    {
        using (connection)
        {
            await connection.RunAsync(server, CancellationToken.None);
            await server.DisposeAsync();
        }
    }

    private async Task<string> NewAsync()
    {
        await RequestAsync("session/new", new { cwd = _desk.Root, mcpServers = Array.Empty<object>() });
        return (string)(await AnswerAsync())["result"]!["sessionId"]!;
    }

    private async Task<string> PromptAsync()
    {
        var session = await NewAsync();
        await RequestAsync("session/prompt", new { sessionId = session, prompt = new[] { new { type = "text", text = "fix it" } } });
        return session;
    }

    private Task RequestAsync(string method, object parameters) => SendAsync(JsonSerializer.Serialize(new { jsonrpc = "2.0", id = ++_id, method, @params = parameters }));

    private Task ReplyAsync(JsonNode asked, string option) =>
        SendAsync(JsonSerializer.Serialize(new { jsonrpc = "2.0", id = (long)asked["id"]!, result = new { outcome = new { outcome = "selected", optionId = option } } }));

    private async Task SendAsync(string line) => await _toServer.Writer.WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"), TestContext.Current.CancellationToken);

    private async Task<JsonNode> NextAsync() => JsonNode.Parse(await _read.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new InvalidOperationException("the server is gone"))!;

    private async Task<JsonNode> UntilAsync(string method, Func<JsonNode, bool>? fits = null)
    {
        while (true)
        {
            var message = await NextAsync();
            if ((string?)message["method"] == method && (fits?.Invoke(message) ?? true))
            {
                return message;
            }
        }
    }

    private async Task<JsonNode> AnswerAsync(int? id = null)
    {
        while (true)
        {
            var message = await NextAsync();
            if (message["method"] is null && message["id"]?.GetValueKind() == JsonValueKind.Number && (int)message["id"]! == (id ?? _id))
            {
                return message;
            }
        }
    }
}
