using System.Runtime.CompilerServices;
using System.Text;
using EdgeCoder.Inference.Local.Client;
using EdgeCoder.Inference.Local.Worker;
using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Local;

/// <summary>A local model as a chat client. What it cannot do is refused, never dropped: see <see cref="LocalChatRequest"/>.</summary>
internal sealed class LlamaChatClient(LlamaWorkerClient worker, string modelId, TimeProvider time) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new(ProviderKinds.Local, defaultModelId: modelId);

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder();
        var arguments = LocalChatRequest.From(messages, options, modelId);
        await foreach (var reply in worker.GenerateAsync(arguments, cancellationToken).ConfigureAwait(false))
        {
            text.Append(reply.Text);
            if (reply.Generated is { } generated)
            {
                return new(new ChatMessage(ChatRole.Assistant, text.ToString()))
                {
                    ResponseId = Guid.NewGuid().ToString("N"),
                    ModelId = modelId,
                    CreatedAt = time.GetUtcNow(),
                    FinishReason = Finish(generated),
                    Usage = Usage(generated),
                    AdditionalProperties = Confidence(generated),
                };
            }
        }

        throw Cancelled();
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(LocalChatRequest.From(messages, options, modelId), cancellationToken);

    /// <summary>Goes on with a text as it is, or fills a gap.</summary>
    public IAsyncEnumerable<ChatResponseUpdate> CompleteAsync(TextRequest request, CancellationToken cancellationToken) =>
        StreamAsync(LocalChatRequest.From(request), cancellationToken);

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(GenerateArguments arguments, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        await foreach (var reply in worker.GenerateAsync(arguments, cancellationToken).ConfigureAwait(false))
        {
            if (reply.Text is { } text)
            {
                yield return Update(id, [new TextContent(text)]);
            }
            else if (reply.Generated is { } generated)
            {
                var last = Update(id, [new UsageContent(Usage(generated))]);
                last.FinishReason = Finish(generated);
                last.AdditionalProperties = Confidence(generated);
                yield return last;
                yield break;
            }
        }

        throw Cancelled();
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <summary>The worker belongs to the opened model, not to this client.</summary>
    public void Dispose()
    {
    }

    private ChatResponseUpdate Update(string id, IList<AIContent> contents) =>
        new(ChatRole.Assistant, contents) { ResponseId = id, MessageId = id, ModelId = modelId, CreatedAt = time.GetUtcNow() };

    private static ChatFinishReason Finish(GeneratedReply generated) => generated.End == "length" ? ChatFinishReason.Length : ChatFinishReason.Stop;

    private static UsageDetails Usage(GeneratedReply generated) => new()
    {
        InputTokenCount = generated.PromptTokens,
        CachedInputTokenCount = generated.ReusedTokens,
        OutputTokenCount = generated.GeneratedTokens,
        TotalTokenCount = generated.PromptTokens + generated.GeneratedTokens,
    };

    private static AdditionalPropertiesDictionary Confidence(GeneratedReply generated) => new()
    {
        [LocalModelProperties.MeanLogProbability] = generated.MeanLogProbability,
        [LocalModelProperties.WorstWindowLogProbability] = generated.WorstWindowLogProbability,
    };

    // The worker ends a stream without a result only when it was told to stop, which the caller would have noticed first.
    private static ModelException Cancelled() => new("worker_gone", "The model process stopped in the middle of the answer.");
}
