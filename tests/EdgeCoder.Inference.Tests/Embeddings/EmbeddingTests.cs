using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using EdgeCoder.Inference.Tests.Completions;
using EdgeCoder.Inference.Tests.Providers;
using EdgeCoder.Inference.Tests.Service;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Embeddings;

public sealed class EmbeddingTests : IDisposable
{
    private const string Path = "/v1/embeddings";
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("ollama-local")]
    [InlineData("openai-compatible")]
    public async Task Texts_are_embedded_in_order_with_true_counts(string provider)
    {
        await using var ollama = await ScriptedOllama.StartAsync(new ScriptedModel { Id = "nomic-embed-text", Capabilities = ["embedding"] });
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "nomic-embed-text" });
        await using var host = await InferenceHost.StartAsync(_directory, provider == "ollama-local" ? null : server, change: settings => provider == "ollama-local" ? settings with { Ollama = ollama.Settings() } : settings);

        var (answer, body) = await host.AskAsync(new { input = new[] { "one", "one two three" } }, path: Path);

        Assert.Equal((provider, "nomic-embed-text"), (answer.Headers.GetValues("x-edgecoder-provider").Single(), answer.Headers.GetValues("x-edgecoder-model").Single()));
        Assert.Equal([0, 1], body.GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("index").GetInt32()));
        Assert.Equal([3f, 13f], body.GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("embedding")[0].GetSingle()));
        Assert.Equal(ScriptedModel.Tokenize("one").Count + ScriptedModel.Tokenize("one two three").Count, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Base64_is_little_endian_numbers()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "nomic-embed-text" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var (_, body) = await host.AskAsync(new { model = "nomic-embed-text", input = "abcd", encoding_format = "base64" }, path: Path);

        Assert.Equal(4f, MemoryMarshal.Cast<byte, float>(body.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64())[0]);
    }

    [Fact]
    public async Task Dimensions_that_the_model_does_not_give_are_refused_and_not_cut()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "nomic-embed-text" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        Assert.Equal((HttpStatusCode.BadRequest, "unsupported_parameter"), Two(await host.AskAsync(new { model = "nomic-embed-text", input = "a", dimensions = 1 }, path: Path)));
    }

    [Fact]
    public async Task No_model_for_embeddings_is_no_model_and_a_local_one_says_that_it_cannot()
    {
        await using var host = await InferenceHost.StartAsync(_directory, local: new FixedProvider("mine"));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "no_model_available"), Two(await host.AskAsync(new { input = "a" }, path: Path)));
        Assert.Equal((HttpStatusCode.BadRequest, "unsupported_parameter"), Two(await host.AskAsync(new { model = "mine", input = "a" }, path: Path)));
    }

    [Theory]
    [InlineData("""{"input":[]}""")]
    [InlineData("""{"input":[1,2]}""")]
    [InlineData("""{"input":""}""")]
    [InlineData("""{"input":"a","encoding_format":"int8"}""")]
    [InlineData("""{}""")]
    public async Task Request_that_breaks_a_rule_is_refused(string body)
    {
        await using var host = await InferenceHost.StartAsync(_directory);

        Assert.Equal(HttpStatusCode.BadRequest, (await host.AskAsync(JsonElement.Parse(body), path: Path)).Answer.StatusCode);
    }

    private static (HttpStatusCode, string) Two((HttpResponseMessage, JsonElement) told) => (Completion.Fault(told).Status, Completion.Fault(told).Code);
}
