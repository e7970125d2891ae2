using System.Net;
using System.Text.Json;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Local;
using EdgeCoder.Inference.Tests.Llama;
using EdgeCoder.Inference.Tests.Local;
using EdgeCoder.Inference.Tests.Providers;
using EdgeCoder.Inference.Tests.Service;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Completions;

public sealed class ToolTests : IDisposable
{
    private static readonly object[] Tools =
    [
        new
        {
            type = "function",
            function = new
            {
                name = "paint", description = "Paints.",
                parameters = new { type = "object", properties = new { color = new { @enum = new[] { "red", "blue" } } }, required = new[] { "color" }, additionalProperties = false },
            },
        },
    ];

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Call_of_a_provider_with_calls_of_its_own_keeps_id_name_and_arguments()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Turns = new([ScriptedTurn.Call("paint", new { color = "red" })]) });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var (_, body) = await host.AskAsync(new { messages = Completion.Hi, tools = Tools, tool_choice = "required", parallel_tool_calls = false });

        var choice = body.GetProperty("choices")[0];
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("message").GetProperty("content").ValueKind);
        var call = choice.GetProperty("message").GetProperty("tool_calls")[0];
        Assert.Equal(("call_1", "function", "paint"), (call.GetProperty("id").GetString(), call.GetProperty("type").GetString(), call.GetProperty("function").GetProperty("name").GetString()));
        Assert.Equal("red", JsonElement.Parse(call.GetProperty("function").GetProperty("arguments").GetString()!).GetProperty("color").GetString());
        var sent = server.Requests.Last(request => request.Method == "POST").Body;
        Assert.Equal("paint", sent.GetProperty("tools")[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal("required", sent.GetProperty("tool_choice").GetString());
        Assert.False(sent.GetProperty("parallel_tool_calls").GetBoolean());
    }

    [Fact]
    public async Task Calls_are_streamed_by_index()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Turns = new([new ScriptedTurn("I look", ("paint", """{"color":"red"}"""), ("paint", """{"color":"blue"}"""))]) });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var chunks = Completion.Chunks(await host.EventsAsync(new { messages = Completion.Hi, tools = Tools, stream = true }));

        Assert.Equal("I look", Completion.TextOf(chunks));
        var calls = Calls(chunks);
        Assert.Equal([0, 1], calls.Select(call => call.GetProperty("index").GetInt32()));
        Assert.Equal(2, calls.Select(call => call.GetProperty("id").GetString()).Distinct().Count());
        Assert.Equal("tool_calls", chunks[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Tool_choice_none_offers_no_tools()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var (answer, _) = await host.AskAsync(new { messages = Completion.Hi, tools = Tools, tool_choice = "none" });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(server.Requests.Last(request => request.Method == "POST").Body.TryGetProperty("tools", out _));
    }

    [Fact]
    public async Task Model_without_calls_is_held_to_a_schema_and_its_call_translated()
    {
        await using var ollama = await OllamaAsync("""{"tool":"paint","args":{"color":"blue"}}""");
        await using var host = await HostAsync(ollama);

        var chunks = Completion.Chunks(await host.EventsAsync(new { messages = Completion.Hi, tools = Tools, stream = true }));

        var function = Calls(chunks).Single().GetProperty("function");
        Assert.Equal(("paint", """{"color":"blue"}"""), (function.GetProperty("name").GetString(), function.GetProperty("arguments").GetString()));
        Assert.Equal("", Completion.TextOf(chunks));
        Assert.Equal("tool_calls", chunks[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        var sent = Asked(ollama);
        Assert.Contains("paint", sent.GetProperty("format").GetRawText(), StringComparison.Ordinal);
        Assert.False(sent.TryGetProperty("tools", out var tools) && tools.ValueKind == JsonValueKind.Array && tools.GetArrayLength() > 0);
    }

    [Fact]
    public async Task Final_text_of_such_a_model_is_streamed_as_text_and_no_json_is_seen()
    {
        await using var ollama = await OllamaAsync("""{"final": "Grüße,\n\"Alle\" \u00e4"}""");
        await using var host = await HostAsync(ollama);

        var chunks = Completion.Chunks(await host.EventsAsync(new { messages = Completion.Hi, tools = Tools, stream = true }));

        Assert.Equal("Grüße,\n\"Alle\" ä", Completion.TextOf(chunks));
        Assert.Equal("stop", chunks[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Unknown_tool_goes_back_to_the_model_once_and_both_calls_are_counted()
    {
        await using var ollama = await OllamaAsync("""{"tool":"print","args":{}}""", """{"tool":"paint","args":{"color":"red"}}""");
        await using var host = await HostAsync(ollama);

        var (_, body) = await host.AskAsync(new { messages = Completion.Hi, tools = Tools });

        Assert.Equal("paint", body.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Contains("There is no tool print", Asked(ollama).GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_that_stays_wrong_is_an_error_and_no_text()
    {
        await using var ollama = await OllamaAsync("""{"tool":"paint","args":{"color":"green"}}""");
        await using var host = await HostAsync(ollama);

        Assert.Equal((HttpStatusCode.BadGateway, "upstream_error", null), Completion.Fault(await host.AskAsync(new { messages = Completion.Hi, tools = Tools })));
    }

    [Fact]
    public async Task Named_tool_is_asked_for_by_schema_where_the_provider_cannot_be_told()
    {
        await using var ollama = await OllamaAsync("""{"tool":"paint","args":{"color":"red"}}""", capabilities: ["completion", "tools"]);
        await using var host = await HostAsync(ollama);

        await host.AskAsync(new { messages = Completion.Hi, tools = Tools, tool_choice = new { type = "function", function = new { name = "paint" } } });

        Assert.DoesNotContain("final", Asked(ollama).GetProperty("format").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Earlier_calls_and_their_results_are_told_to_a_model_that_has_none()
    {
        await using var ollama = await OllamaAsync("""{"final":"done"}""");
        await using var host = await HostAsync(ollama);
        object[] messages =
        [
            new { role = "system", content = "Mine." },
            new { role = "user", content = "paint it" },
            new { role = "assistant", content = (string?)null, tool_calls = new[] { new { id = "c1", type = "function", function = new { name = "paint", arguments = "{\"color\":\"red\"}" } } } },
            new { role = "tool", tool_call_id = "c1", content = "it is red" },
        ];

        await host.AskAsync(new { messages, tools = Tools });

        var turns = Asked(ollama).GetProperty("messages").EnumerateArray().Select(turn => $"{turn.GetProperty("role").GetString()}: {turn.GetProperty("content").GetString()}").ToList();
        Assert.Equal("system: Mine.", turns[0]);
        Assert.Contains(turns, turn => turn.StartsWith("assistant: {\"tool\": \"paint\"", StringComparison.Ordinal));
        Assert.Contains(turns, turn => turn.StartsWith("user: Result of the tool paint (data):", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Model_of_this_machine_that_speaks_nonsense_still_makes_a_valid_call_and_valid_json()
    {
        var store = new ModelStore(_directory.Path);
        await store.AddFileAsync(new() { ModelId = "mine:1b" }, new SyntheticModel().Save(_directory["m.gguf"]), expected: null, progress: null, Cancellation);
        await using var host = await InferenceHost.StartAsync(_directory, local: new EdgeCoderLocalProvider(store, [], WorkerHost.Options, TimeProvider.System));

        var (answer, called) = await host.AskAsync(new { messages = Completion.Hi, tools = Tools, tool_choice = "required", temperature = 1, seed = 3 });
        Assert.Equal("edgecoder-local", answer.Headers.GetValues("x-edgecoder-provider").Single());
        Assert.True(called.TryGetProperty("choices", out _), called.GetRawText());
        var function = called.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function");
        Assert.Contains(JsonElement.Parse(function.GetProperty("arguments").GetString()!).GetProperty("color").GetString(), (string[])["red", "blue"]);

        var schema = new { type = "json_schema", json_schema = new { name = "it", schema = new { type = "object", properties = new { ok = new { type = "boolean" } }, required = new[] { "ok" }, additionalProperties = false } } };
        var (_, shaped) = await host.AskAsync(new { messages = Completion.Hi, response_format = schema });
        Assert.True(JsonElement.Parse(shaped.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!).GetProperty("ok").ValueKind is JsonValueKind.True or JsonValueKind.False);
        Assert.True(shaped.GetProperty("usage").GetProperty("completion_tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task Calls_in_text_are_taken_out_and_other_blocks_stay()
    {
        const string Said = "Look:\n```python\nx = 1\n```\n```tool_call\n{\"tool\": \"paint\", \"args\": {\"color\": \"red\"}}\n```\nand\n~~~tool_call\n{\"tool\": \"paint\", \"args\": {\"color\": \"blue\"}}\n~~~\n```tool_call\n{\"tool\": \"cut";
        await using var host = await InferenceHost.StartAsync(_directory, local: new FixedProvider("mine") { Answer = Said });

        var (_, body) = await host.AskAsync(new { messages = Completion.Hi, tools = Tools });

        var message = body.GetProperty("choices")[0].GetProperty("message");
        Assert.Equal("Look:\n```python\nx = 1\n```\nand", message.GetProperty("content").GetString());
        Assert.Equal(["red", "blue"], message.GetProperty("tool_calls").EnumerateArray().Select(call => JsonElement.Parse(call.GetProperty("function").GetProperty("arguments").GetString()!).GetProperty("color").GetString()));
    }

    private static List<JsonElement> Calls(IEnumerable<JsonElement> chunks) =>
        [.. chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray()).SelectMany(choice => choice.GetProperty("delta").TryGetProperty("tool_calls", out var calls) ? calls.EnumerateArray().ToList() : [])];

    private static JsonElement Asked(ScriptedOllama ollama) => ollama.Requests.Last(request => request.Path == "/api/chat").Body;

    // Its preflight is answered from what it asks; only a conversation with tools by the script.
    private static Task<ScriptedOllama> OllamaAsync(params string[] answers) => OllamaAsync(answers, ["completion"]);

    private static Task<ScriptedOllama> OllamaAsync(string answer, string[] capabilities) => OllamaAsync([answer], capabilities);

    private static async Task<ScriptedOllama> OllamaAsync(string[] answers, string[] capabilities) => await ScriptedOllama.StartAsync(new ScriptedModel
    {
        Id = "plain:1b", Capabilities = capabilities, IsScripted = prompt => prompt.Contains("The tools:", StringComparison.Ordinal), Turns = new(answers.Select(answer => new ScriptedTurn(answer))),
    });

    private Task<InferenceHost> HostAsync(ScriptedOllama ollama) => InferenceHost.StartAsync(_directory, change: settings => settings with { Ollama = ollama.Settings() });
}
