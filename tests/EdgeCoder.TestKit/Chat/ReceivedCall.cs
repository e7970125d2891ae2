using Microsoft.Extensions.AI;

namespace EdgeCoder.TestKit.Chat;

/// <summary>A call that a <see cref="ScriptedChatClient"/> received.</summary>
/// <param name="Messages">The messages, in order.</param>
/// <param name="Options">The options.</param>
public sealed record ReceivedCall(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)
{
    /// <summary>All text of the call.</summary>
    public string Text => string.Join("\n", Messages.Select(m => m.Text));

    /// <summary>The same with what the tools gave.</summary>
    public string TextWithResults => string.Join("\n", Messages.SelectMany(m => m.Contents).Select(c => c switch
    {
        TextContent text => text.Text,
        FunctionResultContent result => result.Result?.ToString(),
        _ => null,
    }));

    /// <summary>Text of the last message of the user.</summary>
    public string UserText => Messages.Last(m => m.Role == ChatRole.User).Text;
}
