using System.ClientModel;
using System.Reflection;
using System.Text.Json.Nodes;
using EdgeCoder.SystemTests.Coordination;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;
using EdgeCoder.TestKit.Wires;
using OpenAI;
using OpenAI.Chat;

namespace EdgeCoder.SystemTests.Endpoint;

/// <summary>The endpoint as clients know it that were written for another one: the official libraries of npm and .NET, unmodified, against a real <c>edgecoder up</c>.</summary>
public sealed class OpenAIClientTests(OpenAIClientTests.Endpoint endpoint) : IClassFixture<OpenAIClientTests.Endpoint>
{
    private const string Request = "write a function that merges two dictionaries";

    private static readonly string Library = typeof(OpenAIClientTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "OpenAILibrary").Value!;

    [Fact]
    public async Task The_list_names_the_ways_and_every_model()
    {
        var seen = await NodeAsync("models");
        var ids = seen["ids"]!.AsArray().Select(id => (string)id!).ToList();
        Assert.Equal(["edgecoder-auto", "edgecoder-local", "edgecoder-swarm"], ids.Take(3));
        Assert.Contains("scripted", ids);
        Assert.Equal("edgecoder-local", (string?)seen["one"]);
    }

    [Fact]
    public async Task A_chat_of_the_npm_client_is_answered_by_the_engine_of_this_machine()
    {
        var seen = await NodeAsync("chat", "edgecoder-demo");
        Assert.Contains("def merge", (string?)seen["text"], StringComparison.Ordinal);
        Assert.Equal("stop", (string?)seen["finish"]);
        Assert.True((int)seen["usage"]!["prompt_tokens"]! > 0 && (int)seen["usage"]!["completion_tokens"]! > 0, seen.ToJsonString());
        Assert.Equal(("edgecoder-local", "edgecoder-local", "this-machine"), ((string?)seen["route"], (string?)seen["edgecoder"]!["route"], (string?)seen["edgecoder"]!["ranOn"]));
    }

    [Fact]
    public async Task A_stream_of_the_npm_client_has_one_role_one_end_and_the_counts()
    {
        var seen = await NodeAsync("stream", "edgecoder-demo");
        Assert.Contains("def merge", (string?)seen["text"], StringComparison.Ordinal);
        Assert.Equal((1, 1), ((int)seen["roles"]!, seen["finish"]!.AsArray().Count));
        Assert.True((int)seen["usage"]!["completion_tokens"]! > 0, seen.ToJsonString());
        Assert.Equal("local", (string?)seen["edgecoder"]!["dataClass"]);
    }

    [Fact]
    public async Task A_tool_of_the_client_is_called_by_the_model_and_run_by_the_client()
    {
        var seen = await NodeAsync("tools", "scripted");
        Assert.Equal(("tool_calls", "weather", "Bern", "It is clear."), ((string?)seen["finish"], (string?)seen["name"], (string?)seen["arguments"]!["town"], (string?)seen["text"]));
        var streamed = await NodeAsync("toolStream", "scripted");
        Assert.Equal(("tool_calls", "weather", "Bern"), ((string?)streamed["finish"], (string?)streamed["name"], (string?)streamed["arguments"]!["town"]));
    }

    [Fact]
    public async Task The_responses_api_of_the_npm_client_works_whole_and_streamed()
    {
        var seen = await NodeAsync("responses", "edgecoder-demo");
        Assert.Contains("def merge", (string?)seen["text"], StringComparison.Ordinal);
        Assert.Equal((string?)seen["text"], (string?)seen["again"]);
        Assert.Equal((string?)seen["text"], (string?)seen["streamed"]);
        Assert.Equal("completed", (string?)seen["status"]);
        Assert.Contains("response.output_text.delta", seen["types"]!.AsArray().Select(type => (string?)type));
    }

    [Fact]
    public async Task Answers_keep_to_a_schema_in_both_apis()
    {
        var seen = await NodeAsync("structured", "json");
        Assert.Equal((4, 4), ((int)seen["chat"]!["answer"]!, (int)seen["response"]!["answer"]!));
    }

    [Fact]
    public async Task A_gap_is_filled_and_texts_are_embedded()
    {
        var filled = await NodeAsync("completion", "gaps");
        Assert.Equal(("    return a + b", "    return a + b", "stop"), ((string?)filled["text"], (string?)filled["streamed"], (string?)filled["finish"]));
        Assert.True((int)filled["usage"]!["prompt_tokens"]! > 0 && (int)filled["usage"]!["completion_tokens"]! > 0, filled.ToJsonString());
        var embedded = await NodeAsync("embeddings", "vectors");
        Assert.Equal("[[3,0.5],[5,0.5]]", embedded["vectors"]!.ToJsonString());
        Assert.Equal("[5,0.5]", embedded["packed"]!.ToJsonString());
        Assert.True((int)embedded["usage"]!["prompt_tokens"]! > 0, embedded.ToJsonString());
    }

    [Fact]
    public async Task A_server_that_dies_in_the_middle_is_an_error_of_the_client_and_never_an_end()
    {
        var seen = await NodeAsync("cut", "dies");
        Assert.Equal(("one", "APIError", "upstream_error"), ((string?)seen["first"], (string?)seen["chat"]!["type"], (string?)seen["chat"]!["code"]));
        Assert.Equal("response.failed", (string?)seen["last"]);
    }

    [Fact]
    public async Task A_client_that_leaves_stops_the_model()
    {
        await NodeAsync("leave", "waits");
        await endpoint.ModelServerLost.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_dotnet_client_calls_tools_keeps_to_schemas_embeds_and_lists()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var client = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = endpoint.Base });
        var tool = ChatTool.CreateFunctionTool("weather", "The weather of a town", BinaryData.FromString("""{"type":"object","properties":{"town":{"type":"string"}},"required":["town"]}"""));
        var first = await client.GetChatClient("tools").CompleteChatAsync([new UserChatMessage("How is the weather in Bern?")], new ChatCompletionOptions { Tools = { tool } }, cancellation);
        var call = Assert.Single(first.Value.ToolCalls);
        Assert.Equal((ChatFinishReason.ToolCalls, "weather", """{"town":"Bern"}"""), (first.Value.FinishReason, call.FunctionName, call.FunctionArguments.ToString()));
        var second = await client.GetChatClient("tools").CompleteChatAsync(
            [new UserChatMessage("How is the weather in Bern?"), new AssistantChatMessage(first.Value), new ToolChatMessage(call.Id, "clear")], new ChatCompletionOptions { Tools = { tool } }, cancellation);
        Assert.Equal("It is clear.", second.Value.Content[0].Text);

        var format = ChatResponseFormat.CreateJsonSchemaFormat("sum", BinaryData.FromString("""{"type":"object","properties":{"answer":{"type":"integer"}},"required":["answer"],"additionalProperties":false}"""), jsonSchemaIsStrict: true);
        var sum = await client.GetChatClient("json").CompleteChatAsync([new UserChatMessage("What is two and two?")], new ChatCompletionOptions { ResponseFormat = format }, cancellation);
        Assert.Equal(4, (int)JsonNode.Parse(sum.Value.Content[0].Text)!["answer"]!);

        var embedded = await client.GetEmbeddingClient("vectors").GenerateEmbeddingsAsync(["one", "three"], cancellationToken: cancellation);
        Assert.Equal([[3, 0.5f], [5, 0.5f]], embedded.Value.Select(vector => vector.ToFloats().ToArray()));
        var listed = await client.GetOpenAIModelClient().GetModelsAsync(cancellation);
        Assert.Contains(listed.Value, model => model.Id == "edgecoder-local");
    }

    [Fact]
    public async Task Refusals_are_the_errors_that_the_client_knows()
    {
        var seen = await NodeAsync("errors", "edgecoder-demo");
        Assert.Equal(("NotFoundError", 404, "model_not_found"), Error(seen["unknown"]!));
        Assert.Equal(("BadRequestError", 400, "context_length_exceeded"), Error(seen["long"]!));
        Assert.Equal(("BadRequestError", 400, "unsupported_parameter"), Error(seen["several"]!));
        Assert.Equal(("BadRequestError", 400, "invalid_request"), Error(seen["role"]!));
    }

    [Fact]
    public async Task The_dotnet_client_chats_and_streams()
    {
        var client = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = endpoint.Base }).GetChatClient("edgecoder-demo");
        var whole = await client.CompleteChatAsync([new UserChatMessage(Request)], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("def merge", whole.Value.Content[0].Text, StringComparison.Ordinal);
        var text = "";
        await foreach (var piece in client.CompleteChatStreamingAsync([new UserChatMessage(Request)], cancellationToken: TestContext.Current.CancellationToken))
        {
            text += string.Concat(piece.ContentUpdate.Select(part => part.Text));
        }

        Assert.Equal(whole.Value.Content[0].Text, text);
        Assert.True(whole.Value.Usage.InputTokenCount > 0);
    }

    private async Task<JsonNode> NodeAsync(string scenario, string model = "edgecoder-local")
    {
        var result = await ProgramRun.ToEndAsync("node", [Path.Combine(AppContext.BaseDirectory, "Endpoint", "client.mjs"), Library, endpoint.Base.ToString(), scenario, model], new Dictionary<string, string>());
        Assert.True(result.ExitCode == 0, result + endpoint.Coordinator.Errors);
        return JsonNode.Parse(result.Output)!;
    }

    private static (string?, int, string?) Error(JsonNode seen) => ((string?)seen["type"], (int)seen["status"]!, (string?)seen["code"]);

    /// <summary>One <c>edgecoder up</c> for all tests, with the demonstration model and a model server of this machine that calls tools.</summary>
    public sealed class Endpoint : IAsyncLifetime
    {
        internal RunningCoordinator Coordinator { get; } = new(selfAgent: false);

        private readonly TaskCompletionSource _never = new();
        private ScriptedOpenAI? _server;
        private ScriptedOllama? _ollama;

        /// <summary>Completes when the endpoint has let go of a call that a client had left.</summary>
        internal Task ModelServerLost => _server!.ClientGone;

        private RecordedExchanges? _recorded;

        /// <summary>Base address for a client.</summary>
        public Uri Base => new(_recorded?.Address ?? Address, "/v1");

        private Uri Address => new($"http://127.0.0.1:{Coordinator.Run.Environment["IDE_PROVIDER_PORT"]}");

        public async ValueTask InitializeAsync()
        {
            _server = await ScriptedOpenAI.StartAsync(
                new ScriptedModel
                {
                    Id = "scripted",
                    Turns = new([ScriptedTurn.Call("weather", new { town = "Bern" }), new ScriptedTurn("It is clear."), ScriptedTurn.Call("weather", new { town = "Bern" })]),
                },
                new ScriptedModel { Id = "tools", Turns = new([ScriptedTurn.Call("weather", new { town = "Bern" }), new ScriptedTurn("It is clear.")]) },
                new ScriptedModel { Id = "json", Answer = _ => """{"answer":4}""" },
                new ScriptedModel { Id = "dies", Answer = _ => "one two three", Fault = new() { EndAfterPieces = 2 } },
                new ScriptedModel { Id = "waits", Answer = _ => "one two three", Fault = new() { WaitFor = _never.Task, WaitBeforePiece = 2 } });
            _ollama = await ScriptedOllama.StartAsync(
                new ScriptedModel { Id = "gaps", Capabilities = ["completion", "insert"], Answer = prompt => prompt.Contains("def add", StringComparison.Ordinal) ? "    return a + b" : NeedleReader.Answer(prompt) },
                new ScriptedModel { Id = "vectors", Capabilities = ["embedding"] });
            Coordinator.Run.Environment["OLLAMA_HOST"] = _ollama.Address.ToString();
            Coordinator.Run.Write(".config/edgecoder/models.json", $$$"""{"servers":[{"name":"scripted","address":"{{{_server.BaseAddress}}}","reach":"this-machine","contextWindow":8192}]}""");
            await Coordinator.StartAsync(CancellationToken.None);
            if (Environment.GetEnvironmentVariable(ExchangeTrace.Switch) is { Length: > 0 })
            {
                _recorded = await RecordedExchanges.StartAsync(Address);
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_recorded is not null)
            {
                // The one that is far too long would have to stay so to be refused again; and what breaks, or is another server's to answer, has tests of its own.
                string[] others = ["\"dies\"", "\"waits\"", "\"gaps\"", "\"vectors\""];
                var kept = _recorded.Exchanges.Where(exchange => exchange.Body.Length < 100_000 && !others.Any(model => exchange.Body.Contains(model, StringComparison.Ordinal))).ToLookup(exchange => exchange.Headers["User-Agent"].Contains(".NET", StringComparison.Ordinal));
                ExchangeTrace.Record("openai-npm", kept[false]);
                ExchangeTrace.Record("openai-dotnet", kept[true]);
                await _recorded.DisposeAsync();
            }

            await Coordinator.DisposeAsync();
            foreach (var server in new ScriptedServer?[] { _server, _ollama }.OfType<ScriptedServer>())
            {
                await server.DisposeAsync();
            }
        }
    }
}
