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

public sealed class TextCompletionTests : IDisposable
{
    private const string Path = "/v1/completions";
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Gap_is_filled_with_the_models_own_marks_and_counted()
    {
        await using var host = await HostAsync(new SyntheticModel { Infill = true });

        var (answer, body) = await host.AskAsync(new { prompt = "abc", suffix = "xyz", max_tokens = 4, seed = 1 }, path: Path);

        Assert.Equal("edgecoder-local", answer.Headers.GetValues("x-edgecoder-provider").Single());
        Assert.Equal(("text_completion", "length"), (body.GetProperty("object").GetString(), body.GetProperty("choices")[0].GetProperty("finish_reason").GetString()));
        // Three letters before, three behind, and three marks.
        Assert.Equal((9, 4), (body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), body.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
        var listed = await host.Coordinator.GetStringAsync("/v1/models", Cancellation);
        Assert.True(JsonElement.Parse(listed).GetProperty("data")[0].GetProperty("edgecoder").GetProperty("fim").GetBoolean());
    }

    [Fact]
    public async Task Gap_is_refused_by_a_model_that_was_not_trained_to_fill_one_and_a_text_is_gone_on_with()
    {
        await using var host = await HostAsync(new SyntheticModel());

        Assert.Equal((HttpStatusCode.BadRequest, "fim_unsupported", "suffix"), Completion.Fault(await host.AskAsync(new { prompt = "abc", suffix = "xyz" }, path: Path)));
        var events = await host.EventsAsync(new { prompt = "abc", max_tokens = 3, stream = true, stream_options = new { include_usage = true } }, Path);

        Assert.Equal("[DONE]", events[^1]);
        var chunks = Completion.Chunks(events);
        Assert.Equal("length", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(3, chunks[^1].GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.All(chunks.SkipLast(1), chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));
    }

    [Fact]
    public async Task Text_beyond_the_window_is_refused_with_both_numbers()
    {
        await using var host = await HostAsync(new SyntheticModel { Context = 512 });

        Assert.Equal((HttpStatusCode.BadRequest, "context_length_exceeded", "messages"), Completion.Fault(await host.AskAsync(new { prompt = new string('x', 600) }, path: Path)));
    }

    [Theory]
    [InlineData(true, "fim_unsupported", "suffix")]
    [InlineData(false, "unsupported_parameter", "model")]
    public async Task Model_of_a_server_refuses_what_it_cannot_be_asked(bool gap, string code, string param)
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        Assert.Equal((HttpStatusCode.BadRequest, code, param), Completion.Fault(await host.AskAsync(gap ? new { prompt = "a", suffix = "b" } : new { prompt = "a" }, path: Path)));
    }

    [Fact]
    public async Task Ollama_fills_gaps_with_a_model_that_says_it_can_and_is_told_everything()
    {
        await using var ollama = await ScriptedOllama.StartAsync(Model("completion", "insert"));
        await using var host = await HostAsync(ollama);

        var (answer, body) = await host.AskAsync(new { prompt = "def f(", suffix = "):", max_tokens = 9, stop = "END", seed = 7 }, path: Path);

        Assert.Equal("ollama-local", answer.Headers.GetValues("x-edgecoder-provider").Single());
        Assert.Equal(("one two", "stop"), (body.GetProperty("choices")[0].GetProperty("text").GetString(), body.GetProperty("choices")[0].GetProperty("finish_reason").GetString()));
        Assert.Equal(ScriptedModel.Tokenize("def f():").Count, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        var sent = ollama.Requests.Last(request => request.Path == "/api/generate").Body;
        Assert.Equal(("):", false, 7, 9), (sent.GetProperty("suffix").GetString(), sent.GetProperty("truncate").GetBoolean(), sent.GetProperty("options").GetProperty("seed").GetInt32(), sent.GetProperty("options").GetProperty("num_predict").GetInt32()));
    }

    [Fact]
    public async Task Ollama_model_without_marks_is_not_asked_to_fill_a_gap()
    {
        await using var ollama = await ScriptedOllama.StartAsync(Model("completion"));
        await using var host = await HostAsync(ollama);

        Assert.Equal((HttpStatusCode.BadRequest, "fim_unsupported", "suffix"), Completion.Fault(await host.AskAsync(new { prompt = "a", suffix = "b" }, path: Path)));
        Assert.DoesNotContain(ollama.Requests, request => request.Path == "/api/generate");
    }

    [Fact]
    public async Task Ollama_that_cuts_a_text_is_found_out_and_one_that_is_too_long_not_sent()
    {
        await using var ollama = await ScriptedOllama.StartAsync(Model("completion"));
        await using var host = await HostAsync(ollama);
        await host.AskAsync(new { prompt = "a" }, path: Path);
        Assert.Equal("context_length_exceeded", Completion.Fault(await host.AskAsync(new { prompt = string.Concat(Enumerable.Repeat("merge the lists. ", 20_000)) }, path: Path)).Code);
        ollama.Models[0].Window = 100;
        ollama.Models[0].Cut = PromptCut.LosesHead;

        Assert.Equal("context_truncated", Completion.Fault(await host.AskAsync(new { prompt = string.Concat(Enumerable.Repeat("merge the lists. ", 200)) }, path: Path)).Code);
    }

    [Fact]
    public async Task Text_that_breaks_off_has_no_end()
    {
        var heard = new TaskCompletionSource();
        await using var ollama = await ScriptedOllama.StartAsync(Model("completion"));
        await using var host = await HostAsync(ollama);
        await host.AskAsync(new { prompt = "a" }, path: Path);
        ollama.Models[0].Fault = new() { WaitFor = heard.Task, WaitBeforePiece = 1, EndAfterPieces = 1 };

        using var answer = await host.SendAsync(System.Net.Http.Json.JsonContent.Create(new { prompt = "a", stream = true }), path: Path);
        heard.SetResult();
        var events = await Completion.EventsAsync(answer);

        Assert.DoesNotContain("[DONE]", events);
        Assert.NotNull(JsonElement.Parse(events[^1]).GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("""{"prompt":"a","n":2}""", "n")]
    [InlineData("""{"prompt":"a","echo":true}""", "echo")]
    [InlineData("""{"prompt":["a","b"]}""", "prompt")]
    [InlineData("""{"prompt":[1,2]}""", "prompt")]
    [InlineData("""{"max_tokens":2}""", "prompt")]
    public async Task Request_that_breaks_a_rule_is_refused_by_name(string body, string param)
    {
        await using var host = await InferenceHost.StartAsync(_directory);
        var told = await host.AskAsync(JsonElement.Parse(body), path: Path);

        Assert.Equal((HttpStatusCode.BadRequest, param), (Completion.Fault(told).Status, Completion.Fault(told).Param));
    }

    private static ScriptedModel Model(params string[] abilities) => new()
    {
        Id = "plain:1b", Capabilities = abilities, Answer = prompt => prompt.Contains("code word is", StringComparison.Ordinal) ? NeedleReader.Answer(prompt) : "one two",
    };

    private Task<InferenceHost> HostAsync(ScriptedOllama ollama) => InferenceHost.StartAsync(_directory, change: settings => settings with { Ollama = ollama.Settings() });

    private async Task<InferenceHost> HostAsync(SyntheticModel model)
    {
        var store = new ModelStore(_directory.Path);
        await store.AddFileAsync(new() { ModelId = "mine:1b" }, model.Save(_directory["m.gguf"]), expected: null, progress: null, Cancellation);
        return await InferenceHost.StartAsync(_directory, local: new EdgeCoderLocalProvider(store, [], WorkerHost.Options, TimeProvider.System));
    }
}
