using System.Text.Json;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Trust;
using EdgeCoder.IdeProvider.Mcp;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Coordinators;
using EdgeCoder.TestKit.Execution;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using static EdgeCoder.IdeProvider.Tests.Mcp.McpStage;

namespace EdgeCoder.IdeProvider.Tests.Mcp;

/// <summary>What the tools and resources of the MCP server do.</summary>
public sealed class McpToolTests
{
    [Fact]
    public async Task Schemas_are_closed_checked_whole_and_say_what_each_argument_means()
    {
        await using var stage = await new McpStage().StartAsync();
        var tools = await (await stage.ClientAsync(stage.Endpoint.Key)).ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            ["execute_code", "list_models", "run_task", "search_repository", "submit_task", "task_events", "task_receipts", "task_result", "task_status", "verify_receipt"],
            tools.Select(tool => tool.Name).Order(StringComparer.Ordinal));
        Assert.All(tools, tool =>
        {
            Assert.Empty(SchemaCheck.Unknown(tool.JsonSchema));
            Assert.False(tool.JsonSchema.GetProperty("additionalProperties").GetBoolean());
            Assert.All(tool.JsonSchema.GetProperty("properties").EnumerateObject(), property =>
            {
                Assert.NotEqual("", property.Value.GetProperty("description").GetString());
                // A number without its bounds is not exact.
                Assert.True(property.Value.GetProperty("type").GetString() is not ("integer" or "number") || (property.Value.TryGetProperty("minimum", out _) && property.Value.TryGetProperty("maximum", out _)), property.Name);
            });
        });
    }

    [Theory]
    [InlineData("""{}""", "language is missing")]
    [InlineData("""{"language":"python"}""", "code is missing")]
    [InlineData("""{"language":"python","code":"x","timeoutMs":5}""", "at least 10")]
    [InlineData("""{"language":"python","code":"x","timeoutMs":"5"}""", "must be integer")]
    [InlineData("""{"language":"python","code":"x","network":true}""", "is not known here")]
    public async Task Wrong_arguments_come_back_as_an_error_that_names_them_and_nothing_runs(string arguments, string said)
    {
        await using var stage = await new McpStage().StartAsync();
        Assert.Contains(said, Failure(await CallAsync(stage, "execute_code", arguments)), StringComparison.Ordinal);
        Assert.Empty(((ScriptedExecutor)stage.Parts.Executor).Requests);
    }

    [Fact]
    public async Task Code_runs_with_the_limits_that_were_asked_for()
    {
        await using var stage = await new McpStage().StartAsync();
        var answer = await CallAsync(stage, "execute_code", """{"language":"javascript","code":"c","tests":"t","stdin":"i","timeoutMs":1500,"memoryMiB":64,"outputBytes":100}""");
        Assert.True(answer.StructuredContent!.Value.GetProperty("ok").GetBoolean());
        var request = Assert.Single(((ScriptedExecutor)stage.Parts.Executor).Requests);
        Assert.Equal(("c", "t", "i"), (request.Files[0].Text, request.Tests[0].Text, request.Stdin));
        Assert.Equal((TimeSpan.FromSeconds(1.5), 64L << 20, 100L), (request.Limits.Time, request.Limits.MemoryBytes, request.Limits.OutputBytes));
    }

    [Fact]
    public async Task A_client_that_leaves_its_call_ends_what_it_began_and_the_next_call_is_served()
    {
        var endless = new EndlessRun();
        await using var stage = new McpStage();
        stage.Parts = stage.Parts with { Executor = endless.Executor };
        await stage.StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Key);
        using var stop = new CancellationTokenSource();
        var call = client.CallToolAsync("execute_code", new Dictionary<string, object?> { ["language"] = "python", ["code"] = "endless" }, cancellationToken: stop.Token).AsTask();
        await endless.Started.WaitAsync(TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await endless.Cancelled.WaitAsync(TestContext.Current.CancellationToken);
        var next = await client.CallToolAsync("execute_code", new Dictionary<string, object?> { ["language"] = "python", ["code"] = "short" }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.NotEqual(true, next.IsError);
    }

    [Fact]
    public async Task A_notification_of_cancellation_ends_the_call_that_it_names()
    {
        var endless = new EndlessRun();
        await using var stage = new McpStage();
        stage.Parts = stage.Parts with { Executor = endless.Executor };
        await stage.StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Key);
        void Headers(System.Net.Http.Headers.HttpRequestHeaders headers)
        {
            headers.Accept.ParseAdd("application/json");
            headers.Accept.ParseAdd("text/event-stream");
            headers.Add("Mcp-Session-Id", client.SessionId);
        }

        // A cancelled call gets no answer; its connection ends with the stage.
        _ = stage.Endpoint.PostAsync(
            "/mcp", """{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"execute_code","arguments":{"language":"python","code":"endless"}}}""", stage.Endpoint.Key, Headers);
        await endless.Started.WaitAsync(TestContext.Current.CancellationToken);
        using var told = await stage.Endpoint.PostAsync("/mcp", """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":77}}""", stage.Endpoint.Key, Headers);
        await endless.Cancelled.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_run_tells_its_progress_and_leaves_its_history_in_the_session()
    {
        await using var stage = new McpStage();
        var told = System.Threading.Channels.Channel.CreateUnbounded<string>();
        var seen = new List<string>();
        McpRun? asked = null;
        stage.Parts = stage.Parts with
        {
            Run = (run, _) =>
            {
                asked = run;
                return EventsAsync();
            },
        };
        await stage.StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Key);
        var answer = await client.CallToolAsync(
            "run_task", new Dictionary<string, object?> { ["task"] = "add", ["max_seconds"] = 30 }, new Immediate(one => told.Writer.TryWrite(one.Message!)), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["planning", "coding"], seen);
        Assert.Equal(("add", TimeSpan.FromSeconds(30), null), (asked!.Task, asked.MaxTime, asked.Root));
        var execution = answer.StructuredContent!.Value;
        Assert.Equal(("succeeded", "local", 0), (execution.GetProperty("outcome").GetString(), execution.GetProperty("dataClass").GetString(), execution.GetProperty("history").GetArrayLength()));

        // The client's library drops what comes after the answer, so the run goes on when each step was seen.
        async IAsyncEnumerable<SessionEvent> EventsAsync()
        {
            yield return new StatusEvent { State = SessionState.Planning, Message = "planning" };
            seen.Add(await told.Reader.ReadAsync(TestContext.Current.CancellationToken));
            yield return new StatusEvent { State = SessionState.Coding, Message = "coding" };
            seen.Add(await told.Reader.ReadAsync(TestContext.Current.CancellationToken));
            yield return Done();
        }
    }

    [Fact]
    public async Task A_fault_of_a_part_says_what_to_do_and_a_foreign_one_tells_nothing()
    {
        await using var stage = new McpStage();
        stage.Parts = stage.Parts with
        {
            ListModels = _ => throw new TimeoutException("a path: /secret/place"),
            Run = (_, _) => throw new NotSupportedException("no model"),
            Explain = fault => fault is NotSupportedException ? new("no_model_available", fault.Message, "edgecoder models pull x") : null,
        };
        await stage.StartAsync();
        Assert.Equal("no_model_available: no model\nWhat to do: edgecoder models pull x", Failure(await CallAsync(stage, "run_task", """{"task":"x"}""")));
        Assert.DoesNotContain("/secret/place", Failure(await CallAsync(stage, "list_models", "{}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_shows_a_trusted_project_without_its_secrets_and_labelled_files()
    {
        await using var stage = new McpStage();
        var root = Path.GetDirectoryName(stage.Files.Write("project/a.txt", "needle here"))!;
        stage.Files.Write("project/.env", "needle=1");
        stage.Files.Write("project/private/b.txt", "needle inside");
        stage.Files.Write("project/.edgecoder/policy", """{"labels":[{"path":"private/**","class":"local"}]}""");
        await stage.StartAsync();
        var arguments = JsonSerializer.Serialize(new { root, pattern = "needle" });
        Assert.StartsWith("root_not_trusted", Failure(await CallAsync(stage, "search_repository", arguments)), StringComparison.Ordinal);
        new TrustStore(stage.Files["data"], TimeProvider.System).Trust(root);
        var found = Text(await CallAsync(stage, "search_repository", arguments));
        Assert.Contains("a.txt:1: needle here", found, StringComparison.Ordinal);
        Assert.DoesNotContain("needle=1", found, StringComparison.Ordinal);
        Assert.DoesNotContain("inside", found, StringComparison.Ordinal);
        Assert.Contains("leaves", Failure(await CallAsync(stage, "search_repository", JsonSerializer.Serialize(new { root, pattern = "x", path = "../.." }))), StringComparison.OrdinalIgnoreCase);
        Assert.True((await CallAsync(stage, "search_repository", """{"root":"/","pattern":"x"}""")).IsError);
    }

    [Fact]
    public async Task A_submitted_task_is_followed_to_its_result()
    {
        await using var coordinator = await ScriptedTasks.StartAsync();
        coordinator.Ends = task => ScriptedTasks.Completed(task.TaskId!, "the code");
        await using var stage = new McpStage();
        stage.Parts = stage.Parts with { OpenCoordinator = () => new SubmitterClient(new() { Coordinator = coordinator.Url, ApiKey = ScriptedTasks.Key }, TimeProvider.System) };
        await stage.StartAsync();
        var accepted = await CallAsync(stage, "submit_task", """{"task":"write","tests":"def test(): pass","data_class":"mesh","task_id":"t-1"}""");
        Assert.Equal("t-1", accepted.StructuredContent!.Value.GetProperty("taskId").GetString());
        var sent = Assert.Single(coordinator.Tasks).Value;
        Assert.Equal(("mesh", "runner", 1), (sent.DataClass, Assert.Single(sent.AcceptanceCheck!.Command), coordinator.Blobs.Count));
        var events = (await CallAsync(stage, "task_events", """{"task_id":"t-1","wait_seconds":60}""")).StructuredContent!.Value;
        Assert.True(events.GetProperty("ended").GetBoolean(), events.GetRawText());
        var result = (await CallAsync(stage, "task_result", """{"task_id":"t-1"}""")).StructuredContent!.Value;
        Assert.Equal("the code", result.GetProperty("outputs")[0].GetProperty("output").GetString());
        Assert.True((await CallAsync(stage, "task_status", """{"task_id":"none"}""")).IsError);
    }

    [Fact]
    public async Task A_submitted_task_leaves_its_secrets_here()
    {
        const string secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        await using var coordinator = await ScriptedTasks.StartAsync();
        await using var stage = new McpStage();
        stage.Parts = stage.Parts with { OpenCoordinator = () => new SubmitterClient(new() { Coordinator = coordinator.Url, ApiKey = ScriptedTasks.Key }, TimeProvider.System) };
        await stage.StartAsync();
        Assert.NotEqual(true, (await CallAsync(stage, "submit_task", JsonSerializer.Serialize(new { task = "use " + secret, tests = "t = '" + secret + "'" }))).IsError);
        Assert.DoesNotContain(secret, Assert.Single(coordinator.Bodies), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, System.Text.Encoding.UTF8.GetString(Assert.Single(coordinator.Blobs).Value), StringComparison.Ordinal);
        Assert.StartsWith("invalid_request", Failure(await CallAsync(stage, "submit_task", JsonSerializer.Serialize(new { task = "x", task_id = secret }))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_are_resources_and_a_name_that_is_none_is_refused()
    {
        await using var stage = await new McpStage().StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Key);
        Assert.Equal("edgecoder://sessions", Assert.Single(await client.ListResourcesAsync(cancellationToken: TestContext.Current.CancellationToken)).Uri);
        var id = Guid.NewGuid();
        var diff = await client.ReadResourceAsync($"edgecoder://sessions/{id}/diff", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("the diff", Assert.IsType<TextResourceContents>(Assert.Single(diff.Contents)).Text);
        foreach (var wrong in new[] { $"edgecoder://sessions/{id}", "edgecoder://sessions/../../etc/passwd", "edgecoder://sessions/x/diff", "file:///etc/passwd" })
        {
            await Assert.ThrowsAsync<McpProtocolException>(async () => await client.ReadResourceAsync(wrong, cancellationToken: TestContext.Current.CancellationToken));
        }
    }

    private static async Task<CallToolResult> CallAsync(McpStage stage, string tool, string arguments) =>
        await (await stage.ClientAsync(stage.Endpoint.Key)).CallToolAsync(
            new CallToolRequestParams { Name = tool, Arguments = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(arguments) }, TestContext.Current.CancellationToken);

    // A program without end, which only a cancellation ends; every other program ends at once.
    private sealed class EndlessRun
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndlessRun() => Executor = new(async (request, cancellationToken) =>
        {
            if (request.Files[0].Text != "endless")
            {
                return Runs.ExitedZero();
            }

            await using var registration = cancellationToken.Register(_cancelled.SetResult);
            _started.SetResult();
            await _cancelled.Task;
            throw new OperationCanceledException(cancellationToken);
        });

        public ScriptedExecutor Executor { get; }

        public Task Started => _started.Task;

        public Task Cancelled => _cancelled.Task;
    }

    // The system's own reports later, on a thread of the pool.
    private sealed class Immediate(Action<ProgressNotificationValue> take) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) => take(value);
    }
}
