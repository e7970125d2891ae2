using System.ClientModel;
using System.Reflection;
using System.Text.Json.Nodes;
using EdgeCoder.SystemTests.Coordination;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;
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

        private ScriptedOpenAI? _server;

        /// <summary>Base address for a client.</summary>
        public Uri Base => new($"http://127.0.0.1:{Coordinator.Run.Environment["IDE_PROVIDER_PORT"]}/v1");

        public async ValueTask InitializeAsync()
        {
            _server = await ScriptedOpenAI.StartAsync(new ScriptedModel
            {
                Id = "scripted",
                Turns = new([ScriptedTurn.Call("weather", new { town = "Bern" }), new ScriptedTurn("It is clear."), ScriptedTurn.Call("weather", new { town = "Bern" })]),
            });
            Coordinator.Run.Write(".config/edgecoder/models.json", $$$"""{"servers":[{"name":"scripted","address":"{{{_server.BaseAddress}}}","reach":"this-machine","contextWindow":8192}]}""");
            await Coordinator.StartAsync(CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            await Coordinator.DisposeAsync();
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }
        }
    }
}
