using Microsoft.Extensions.AI;

namespace EdgeCoder.TestKit.Chat;

/// <summary>A call that a <see cref="ScriptedChatClient"/> received.</summary>
/// <param name="Messages">The messages, in order.</param>
/// <param name="Options">The options.</param>
public sealed record ReceivedCall(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)
{
    /// <summary>All text of the call.</summary>
    public string Text => string.Join("\n", Messages.Select(m => m.Text));

    /// <summary>Text of the last message of the user.</summary>
    public string UserText => Messages.Last(m => m.Role == ChatRole.User).Text;
}
