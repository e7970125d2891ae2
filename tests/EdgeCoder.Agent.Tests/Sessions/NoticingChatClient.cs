using Microsoft.Extensions.AI;

namespace EdgeCoder.Agent.Tests.Sessions;

/// <summary>Calls back before each call goes on to the inner client.</summary>
internal sealed class NoticingChatClient(IChatClient inner, Action notice) : DelegatingChatClient(inner)
{
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        notice();
        return base.GetStreamingResponseAsync(messages, options, cancellationToken);
    }
}
