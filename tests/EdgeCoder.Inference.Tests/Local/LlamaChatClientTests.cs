using System.Text.Json;
using EdgeCoder.Inference.Local;
using EdgeCoder.Inference.Local.Client;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Tests.Llama;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Tests.Local;

public sealed class LlamaChatClientTests : IAsyncDisposable
{
    private static readonly ChatOptions Letters = new() { MaxOutputTokens = 12, AdditionalProperties = new() { [LocalModelProperties.Grammar] = "root ::= [a-z]*" } };

    private readonly TemporaryDirectory _directory = new();
    private readonly LlamaWorkerClient _worker;
    private readonly LlamaChatClient _client;

    public LlamaChatClientTests()
    {
        _worker = new(new SyntheticModel().Save(_directory["m.gguf"]), sha256: null, WorkerHost.Options, TimeProvider.System);
        _client = new(_worker, "synthetic", TimeProvider.System);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _worker.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Answer_carries_text_usage_end_and_confidence()
    {
        var response = await _client.GetResponseAsync([new(ChatRole.System, "Be brief."), new(ChatRole.User, "Hi")], Letters, Cancellation);
        Assert.NotEmpty(response.Text);
        Assert.Equal(("synthetic", ChatFinishReason.Length), (response.ModelId, response.FinishReason));
        Assert.Equal(12, response.Usage!.OutputTokenCount);
        Assert.Equal(response.Usage.InputTokenCount + 12, response.Usage.TotalTokenCount);
        Assert.True((double)response.AdditionalProperties![LocalModelProperties.MeanLogProbability]! < 0);
        Assert.True((double)response.AdditionalProperties[LocalModelProperties.WorstWindowLogProbability]! < 0);
    }

    [Fact]
    public async Task Stream_gives_the_same_as_the_whole_answer()
    {
        ChatMessage[] messages = [new(ChatRole.User, "Hi")];
        var whole = await _client.GetResponseAsync(messages, Letters, Cancellation);
        var streamed = await _client.GetStreamingResponseAsync(messages, Letters, Cancellation).ToChatResponseAsync(Cancellation);
        Assert.Equal(whole.Text, streamed.Text);
        Assert.Equal(whole.FinishReason, streamed.FinishReason);
        Assert.Equal(whole.Usage!.OutputTokenCount, streamed.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task Json_schema_binds_the_answer()
    {
        var schema = JsonDocument.Parse("""{"type":"object","properties":{"passed":{"type":"boolean"}},"required":["passed"]}""").RootElement;
        var response = await _client.GetResponseAsync(
            [new(ChatRole.User, "?")], new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema), MaxOutputTokens = 200, Temperature = 1, Seed = 3 }, Cancellation);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.True(JsonDocument.Parse(response.Text).RootElement.GetProperty("passed").ValueKind is JsonValueKind.True or JsonValueKind.False);
    }

    [Fact]
    public async Task Stop_sequence_ends_the_answer()
    {
        var options = new ChatOptions { StopSequences = ["END"], AdditionalProperties = new() { [LocalModelProperties.Grammar] = "root ::= \"one END two\"" } };
        Assert.Equal("one ", (await _client.GetResponseAsync([new(ChatRole.User, "?")], options, Cancellation)).Text);
    }

    [Fact]
    public async Task Instructions_are_a_system_message()
    {
        var by = new ChatOptions { Instructions = "Be brief.", MaxOutputTokens = 1 };
        var options = await _client.GetResponseAsync([new(ChatRole.User, "Hi")], by, Cancellation);
        var message = await _client.GetResponseAsync([new(ChatRole.System, "Be brief."), new(ChatRole.User, "Hi")], new() { MaxOutputTokens = 1 }, Cancellation);
        Assert.Equal(message.Usage!.InputTokenCount, options.Usage!.InputTokenCount);
    }

    public static TheoryData<string, ChatOptions> Refused => new()
    {
        { "Tools", new() { Tools = [AIFunctionFactory.CreateDeclaration("f", null, default)] } },
        { "ToolMode", new() { ToolMode = ChatToolMode.RequireAny } },
        { "FrequencyPenalty", new() { FrequencyPenalty = 1 } },
        { "PresencePenalty", new() { PresencePenalty = 1 } },
        { "ConversationId", new() { ConversationId = "c" } },
        { "Reasoning", new() { Reasoning = new() } },
        { "RawRepresentationFactory", new() { RawRepresentationFactory = _ => null } },
        { "AllowBackgroundResponses", new() { AllowBackgroundResponses = true } },
        { "num_ctx", new() { AdditionalProperties = new() { ["num_ctx"] = 1 } } },
        { "other", new() { ModelId = "other" } },
        { "Temperature", new() { Temperature = -1 } },
        { "TopP", new() { TopP = 2 } },
        { "TopK", new() { TopK = -1 } },
        { "MaxOutputTokens", new() { MaxOutputTokens = 0 } },
        { "stop", new() { StopSequences = [""] } },
        { "exclude", new() { ResponseFormat = ChatResponseFormat.Json, AdditionalProperties = new() { [LocalModelProperties.Grammar] = "root ::= \"x\"" } } },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task Option_that_cannot_be_honoured_is_refused_by_name(string named, ChatOptions options)
    {
        var error = await Assert.ThrowsAsync<ModelException>(() => _client.GetResponseAsync([new(ChatRole.User, "Hi")], options, Cancellation));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _worker.ProcessId);
    }

    [Fact]
    public async Task Picture_and_tool_message_are_refused()
    {
        ChatMessage picture = new(ChatRole.User, [new DataContent("data:image/png;base64,AAAA")]);
        Assert.Equal("unsupported_content", (await Assert.ThrowsAsync<ModelException>(() => _client.GetResponseAsync([picture], null, Cancellation))).Code);
        ChatMessage tool = new(ChatRole.Tool, "result");
        Assert.Equal("unsupported_content", (await Assert.ThrowsAsync<ModelException>(() => _client.GetResponseAsync([tool], null, Cancellation))).Code);
    }

    [Fact]
    public async Task Schema_that_cannot_be_enforced_is_refused()
    {
        var schema = JsonDocument.Parse("""{"type":"string","pattern":"^a$"}""").RootElement;
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema) };
        Assert.Equal("unsupported_schema", (await Assert.ThrowsAsync<ModelException>(() => _client.GetResponseAsync([new(ChatRole.User, "?")], options, Cancellation))).Code);
    }

    [Fact]
    public void Client_says_who_it_is()
    {
        var metadata = Assert.IsType<ChatClientMetadata>(_client.GetService(typeof(ChatClientMetadata)));
        Assert.Equal(("edgecoder-local", "synthetic"), (metadata.ProviderName, metadata.DefaultModelId));
    }
}
