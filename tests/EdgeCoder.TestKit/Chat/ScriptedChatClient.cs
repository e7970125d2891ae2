using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace EdgeCoder.TestKit.Chat;

/// <summary>
/// A chat client that answers with a fixed list of replies, streamed in pieces, and keeps what it was asked. It ends like a real server ends:
/// with a finish reason, a cut, a fault in mid-stream, or not at all. Being asked more often than the script foresees is a fault of the test.
/// </summary>
public sealed class ScriptedChatClient(params IEnumerable<ScriptedReply> replies) : IChatClient
{
    private readonly Queue<ScriptedReply> _replies = new(replies);
    private readonly List<ReceivedCall> _calls = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The calls so far.</summary>
    public IReadOnlyList<ReceivedCall> Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>Completes when the first call has arrived.</summary>
    public Task Asked => _asked.Task;

    /// <summary>Completes when that many calls have arrived.</summary>
    public Task WaitForCallAsync(int count)
    {
        lock (_calls)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_calls.Count >= count)
            {
                reached.SetResult();
            }
            else
            {
                _waiting.Add((count, reached));
            }

            return reached.Task;
        }
    }

    /// <summary>Replies that nobody asked for yet.</summary>
    public int Left
    {
        get
        {
            lock (_calls)
            {
                return _replies.Count;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reply = Take(messages, options);
        if (reply.Gate is { } gate)
        {
            await (reply.IgnoresCancellation ? gate : gate.WaitAsync(cancellationToken)).ConfigureAwait(false);
        }

        if (reply.Reasoning is { } reasoning)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent(reasoning)]);
        }

        var sent = 0;
        foreach (var piece in reply.Text.Chunk(reply.ChunkSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (reply.Fault is not null && sent++ == reply.FaultAfterChunks)
            {
                throw reply.Fault;
            }

            yield return new ChatResponseUpdate(ChatRole.Assistant, new string(piece));
        }

        if (reply.Fault is not null)
        {
            throw reply.Fault;
        }

        foreach (var call in reply.Calls)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [call]);
        }

        yield return new ChatResponseUpdate(ChatRole.Assistant, reply.Usage is { } usage ? [new UsageContent(usage)] : [])
        {
            FinishReason = reply.Finish,
            AdditionalProperties = reply.Properties,
        };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private ScriptedReply Take(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        lock (_calls)
        {
            _calls.Add(new ReceivedCall([.. messages], options));
            _asked.TrySetResult();
            _waiting.Where(w => w.Count <= _calls.Count).ToList().ForEach(w => w.Reached.TrySetResult());
            return _replies.TryDequeue(out var reply)
                ? reply
                : throw new InvalidOperationException($"The script has no reply for call {_calls.Count}: {_calls[^1].UserText}");
        }
    }
}
