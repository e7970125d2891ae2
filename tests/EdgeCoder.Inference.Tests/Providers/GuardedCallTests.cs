using EdgeCoder.Agent.Calls;
using EdgeCoder.Protocol.Tokens;
using EdgeCoder.Inference.Preflight;
using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Inference.Tests.Providers;

/// <summary>One call, against both kinds of server, with everything that goes wrong on the way.</summary>
public sealed class GuardedCallTests
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _failures = [];
    private int _windowsLost;

    public static TheoryData<string> Kinds => [ProviderKinds.Ollama, ProviderKinds.OpenAICompatible];

    private async Task<(IAsyncDisposable Server, IChatClient Client, ScriptedServer Log)> OpenAsync(
        string kind, ScriptedModel model, int window = 8192, ModelSpeed? speed = null, TokenEstimate? estimate = null, int bytesPerWrite = int.MaxValue)
    {
        ScriptedServer server;
        IModelProvider provider;
        ChatOptionKinds options;
        if (kind == ProviderKinds.Ollama)
        {
            var ollama = await ScriptedOllama.StartAsync(model);
            (server, provider, options) = (ollama, new OllamaProvider(ollama.Settings(window), ModelReach.ThisMachine), OllamaChatClient.Options);
        }
        else
        {
            var openAI = await ScriptedOpenAI.StartAsync(model);
            (server, provider, options) = (openAI, new OpenAICompatibleProvider(openAI.Settings(window: window)), OpenAICompatibleProvider.Options);
        }

        server.BytesPerWrite = bytesPerWrite;
        var opened = await provider.OpenAsync("m", Token);
        estimate ??= TokenEstimate.Cautious;
        var client = new GuardedChatClient(opened.Client, new()
        {
            Model = opened.Identity,
            Options = options,
            Window = window,
            CountTokens = (text, _) => ValueTask.FromResult(estimate.CountAtMost(text)),
            Tolerance = TokenEstimate.ToleranceUncalibrated,
            Speed = speed,
            CallFailed = _failures.Add,
            WindowLost = () => _windowsLost++,
        }, _time);
        return (server, client, server);
    }

    private static async Task<ModelException> FailsAsync(IChatClient client, string prompt = "hello there", ChatOptions? options = null) =>
        await Assert.ThrowsAsync<ModelException>(() => client.GetResponseAsync([new(ChatRole.User, prompt)], options, Token));

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Answer_split_inside_lines_and_characters_arrives_whole(string kind)
    {
        var (server, client, _) = await OpenAsync(kind, new() { Id = "m", Answer = _ => "héllo wörld 你好 🎉 \"quoted\"" }, bytesPerWrite: 1);
        await using var _s = server;

        var response = await client.GetResponseAsync([new(ChatRole.User, "hi")], cancellationToken: Token);

        Assert.Equal("héllo wörld 你好 🎉 \"quoted\"", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.True(response.Usage?.InputTokenCount > 0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Options_reach_the_server(string kind)
    {
        var (server, client, log) = await OpenAsync(kind, new() { Id = "m" });
        await using var _s = server;
        var schema = System.Text.Json.JsonDocument.Parse("""{"type":"object","properties":{"a":{"type":"string"}}}""").RootElement;

        await client.GetResponseAsync([new(ChatRole.System, "be brief"), new(ChatRole.User, "hi")], new()
        {
            MaxOutputTokens = 50, Seed = 7, Temperature = 0.25f, TopP = 0.5f, StopSequences = ["END"], FrequencyPenalty = 0.5f, PresencePenalty = 0.25f,
            ResponseFormat = ChatResponseFormat.ForJsonSchema(schema), Tools = [AIFunctionFactory.Create((int a) => a, "double_it", "Doubles")],
        }, Token);

        var body = log.Requests.Last().Body;
        var text = body.ToString();
        Assert.Contains("be brief", text, StringComparison.Ordinal);
        Assert.Contains("double_it", text, StringComparison.Ordinal);
        var options = kind == ProviderKinds.Ollama ? body.GetProperty("options") : body;
        Assert.Equal(7, options.GetProperty("seed").GetInt32());
        Assert.Equal(0.25, options.GetProperty("temperature").GetDouble());
        Assert.Equal(0.5, options.GetProperty("top_p").GetDouble());
        Assert.Equal(0.5, options.GetProperty("frequency_penalty").GetDouble());
        Assert.Equal(0.25, options.GetProperty("presence_penalty").GetDouble());
        Assert.Equal("END", options.GetProperty("stop")[0].GetString());
        Assert.Equal(50, options.GetProperty(kind == ProviderKinds.Ollama ? "num_predict" : "max_completion_tokens").GetInt32());
        Assert.Equal("string", (kind == ProviderKinds.Ollama ? body.GetProperty("format") : body.GetProperty("response_format").GetProperty("json_schema").GetProperty("schema"))
            .GetProperty("properties").GetProperty("a").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Ollama_is_told_the_window_and_never_to_cut_on_every_call()
    {
        var (server, client, log) = await OpenAsync(ProviderKinds.Ollama, new() { Id = "m" }, window: 2048);
        await using var _s = server;

        await client.GetResponseAsync([new(ChatRole.User, "hi")], cancellationToken: Token);

        var body = log.Requests.Last().Body;
        Assert.Equal(2048, body.GetProperty("options").GetProperty("num_ctx").GetInt32());
        Assert.False(body.GetProperty("truncate").GetBoolean());
        Assert.False(body.GetProperty("shift").GetBoolean());
        Assert.False(body.TryGetProperty("CustomHeaders", out _));
    }

    public static TheoryData<string, string> OptionsThatWouldBeLost => new()
    {
        { ProviderKinds.Ollama, "ToolMode" },
        { ProviderKinds.Ollama, "AllowMultipleToolCalls" },
        { ProviderKinds.Ollama, "ConversationId" },
        { ProviderKinds.Ollama, "ModelId" },
        { ProviderKinds.OpenAICompatible, "TopK" },
        { ProviderKinds.OpenAICompatible, "AdditionalProperties" },
        { ProviderKinds.OpenAICompatible, "ConversationId" },
    };

    [Theory]
    [MemberData(nameof(OptionsThatWouldBeLost))]
    public async Task Option_that_would_be_lost_is_refused_by_name(string kind, string option)
    {
        var (server, client, log) = await OpenAsync(kind, new() { Id = "m" });
        await using var _s = server;
        var before = log.Requests.Count;
        var options = new ChatOptions();
        switch (option)
        {
            case "ToolMode": options.ToolMode = ChatToolMode.RequireAny; break;
            case "AllowMultipleToolCalls": options.AllowMultipleToolCalls = false; break;
            case "ConversationId": options.ConversationId = "c"; break;
            case "ModelId": options.ModelId = "another"; break;
            case "TopK": options.TopK = 3; break;
            default: options.AdditionalProperties = new() { ["x"] = 1 }; break;
        }

        var e = await FailsAsync(client, options: options);

        Assert.Equal("unsupported_option", e.Code);
        Assert.Contains(option, e.Message, StringComparison.Ordinal);
        Assert.Equal(before, log.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Error_in_mid_stream_is_an_error_with_the_servers_words(string kind)
    {
        var model = new ScriptedModel { Id = "m", Answer = _ => "one two three four", Fault = new() { ErrorAfterPieces = 3, Message = "out of memory" } };
        var (server, client, _) = await OpenAsync(kind, model, bytesPerWrite: 3);
        await using var _s = server;

        var e = await FailsAsync(client);

        Assert.Equal("model_stream_error", e.Code);
        Assert.Contains("out of memory", e.Message, StringComparison.Ordinal);
        Assert.Single(_failures);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Connection_cut_in_mid_stream_is_an_error(string kind)
    {
        var (server, client, _) = await OpenAsync(kind, new() { Id = "m", Answer = _ => "one two three four", Fault = new() { CutAfterPieces = 3 } });
        await using var _s = server;

        Assert.Equal("model_unavailable", (await FailsAsync(client)).Code);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Stream_that_ends_cleanly_without_its_last_record_is_an_error(string kind)
    {
        var (server, client, _) = await OpenAsync(kind, new() { Id = "m", Answer = _ => "one two three four", Fault = new() { EndAfterPieces = 3 } });
        await using var _s = server;

        Assert.Equal("stream_interrupted", (await FailsAsync(client)).Code);
    }

    [Theory]
    [InlineData(ProviderKinds.Ollama, 500, "model_error")]
    [InlineData(ProviderKinds.Ollama, 404, "model_not_found")]
    [InlineData(ProviderKinds.Ollama, 429, "model_busy")]
    [InlineData(ProviderKinds.OpenAICompatible, 500, "model_error")]
    [InlineData(ProviderKinds.OpenAICompatible, 401, "model_unauthorized")]
    [InlineData(ProviderKinds.OpenAICompatible, 503, "model_error")]
    public async Task Status_is_an_error_and_is_not_tried_again_behind_our_back(string kind, int status, string code)
    {
        var (server, client, log) = await OpenAsync(kind, new() { Id = "m", Fault = new() { Status = status, Message = "the reason" } });
        await using var _s = server;
        var before = log.Requests.Count;

        var e = await FailsAsync(client);

        Assert.Equal(code, e.Code);
        Assert.Contains("the reason", e.Message, StringComparison.Ordinal);
        Assert.Equal(before + 1, log.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Redirect_does_not_move_the_call(string kind)
    {
        await using var elsewhere = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "m" });
        var (server, client, _) = await OpenAsync(kind, new() { Id = "m", Fault = new() { Status = 307, Location = elsewhere.Address.ToString() } });
        await using var _s = server;

        Assert.Equal("redirect_refused", (await FailsAsync(client)).Code);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Proxy_of_the_environment_does_not_move_a_call_to_this_machine(string kind)
    {
        await using var proxy = await ScriptedOpenAI.StartAsync();
        var (server, client, log) = await OpenAsync(kind, new() { Id = "m" });
        await using var _s = server;
        var before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new ProxyFor(log.Address.Port, proxy.Address);
        try
        {
            using (var ordinary = new HttpClient())
            {
                using var moved = await ordinary.GetAsync(log.Address, Token); // The detector sees a client that does obey the proxy.
                Assert.Single(proxy.Requests);
            }

            await client.GetResponseAsync([new(ChatRole.User, "hi")], cancellationToken: Token);
            Assert.Single(proxy.Requests);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

    // Only the server of this test: other tests run at the same time.
    private sealed class ProxyFor(int port, Uri proxy) : System.Net.IWebProxy
    {
        public System.Net.ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : proxy;

        public bool IsBypassed(Uri host) => host.Port != port;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Prompt_that_does_not_fit_is_refused_before_it_is_sent_with_both_numbers(string kind)
    {
        var (server, client, log) = await OpenAsync(kind, new() { Id = "m" }, window: 512);
        await using var _s = server;
        var before = log.Requests.Count;

        var e = await FailsAsync(client, string.Concat(Enumerable.Repeat("word ", 1000)));

        Assert.Equal("context_length_exceeded", e.Code);
        Assert.Contains("512", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, log.Requests.Count);
        Assert.Empty(_failures);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Prompt_that_leaves_no_room_for_the_answer_is_refused(string kind)
    {
        var (server, client, _) = await OpenAsync(kind, new() { Id = "m" }, window: 512);
        await using var _s = server;

        Assert.Equal("context_length_exceeded", (await FailsAsync(client, "short", new() { MaxOutputTokens = 510 })).Code);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Server_that_cuts_the_prompt_loses_its_answer_and_its_window(string kind)
    {
        var (server, client, _) = await OpenAsync(kind, new() { Id = "m", Window = 200, Cut = PromptCut.LosesHead });
        await using var _s = server;

        var e = await FailsAsync(client, string.Concat(Enumerable.Repeat("word ", 1500)));

        Assert.Equal("context_truncated", e.Code);
        Assert.Equal(1, _windowsLost);
    }

    [Fact]
    public async Task Server_that_ignores_the_token_limit_is_told_off()
    {
        var inner = new Babbler();
        using var client = new GuardedChatClient(inner, new()
        {
            Model = new() { Id = "m", Provider = "p", Digest = "unpinned" }, Options = ChatOptionKinds.None, Window = 4096, Tolerance = 1,
            CountTokens = (_, _) => ValueTask.FromResult(1),
        }, _time);

        Assert.Equal("option_ignored", (await FailsAsync(client, options: new() { MaxOutputTokens = 10 })).Code);
    }

    [Theory]
    [InlineData(0, "no first token")]
    [InlineData(2, "nothing for")]
    public async Task Slow_server_is_given_up_after_the_time_its_speed_predicts(int piece, string says)
    {
        var never = new TaskCompletionSource();
        var model = new ScriptedModel { Id = "m", Answer = _ => "one two three", Fault = new() { WaitFor = never.Task, WaitBeforePiece = piece } };
        var (server, client, log) = await OpenAsync(ProviderKinds.Ollama, model, speed: new(TimeSpan.FromSeconds(1), PrefillPerSecond: 100, DecodePerSecond: 10));
        await using var _s = server;
        var pieces = 0;
        var first = new TaskCompletionSource();
        var call = Task.Run(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync([new(ChatRole.User, "hi")], cancellationToken: Token))
            {
                if (++pieces == piece)
                {
                    first.SetResult();
                }
            }
        }, Token);
        if (piece > 0)
        {
            await first.Task.WaitAsync(Token);
        }

        // The time-out is armed once the request is on its way; the clock is ours.
        await log.FirstRequest("/api/chat").WaitAsync(Token);
        _time.Advance(TimeSpan.FromSeconds(60));

        var e = await Assert.ThrowsAsync<ModelException>(() => call);
        Assert.Equal("model_timeout", e.Code);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        await log.ClientGone.WaitAsync(Token);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Cancelling_reaches_the_server_and_is_not_called_a_failure(string kind)
    {
        var never = new TaskCompletionSource();
        var (server, client, log) = await OpenAsync(kind, new() { Id = "m", Answer = _ => "one two three", Fault = new() { WaitFor = never.Task, WaitBeforePiece = 2 } });
        await using var _s = server;
        using var cancel = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in client.GetStreamingResponseAsync([new(ChatRole.User, "hi")], cancellationToken: cancel.Token))
            {
                if (update.Text.Length > 0)
                {
                    await cancel.CancelAsync();
                }
            }
        });

        await log.ClientGone.WaitAsync(Token);
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task Server_that_is_gone_is_model_unavailable()
    {
        var (server, client, _) = await OpenAsync(ProviderKinds.Ollama, new() { Id = "m" });
        await server.DisposeAsync();

        Assert.Equal("model_unavailable", (await FailsAsync(client)).Code);
    }

    private sealed class Babbler : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            yield return new(ChatRole.Assistant, "blah") { FinishReason = ChatFinishReason.Stop };
            yield return new(ChatRole.Assistant, [new UsageContent(new() { InputTokenCount = 5, OutputTokenCount = 500 })]);
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
