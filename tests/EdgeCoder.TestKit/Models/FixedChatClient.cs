using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace EdgeCoder.TestKit.Models;

/// <summary>A chat client that always says the same, with true counts by <see cref="ScriptedModel.Tokenize"/>; for tests of what stands in front of a model.</summary>
public sealed class FixedChatClient(string answer) : IChatClient
{
    /// <summary>Whether it was disposed.</summary>
    public bool Disposed { get; private set; }

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        cancellationToken.ThrowIfCancellationRequested();
        yield return new(ChatRole.Assistant, answer) { FinishReason = ChatFinishReason.Stop };
        yield return new(ChatRole.Assistant, [new UsageContent(new()
        {
            InputTokenCount = messages.Sum(message => ScriptedModel.Tokenize(message.Text).Count),
            OutputTokenCount = Math.Min(ScriptedModel.Tokenize(answer).Count, options?.MaxOutputTokens ?? int.MaxValue),
        })]);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    /// <inheritdoc/>
    public void Dispose() => Disposed = true;
}
