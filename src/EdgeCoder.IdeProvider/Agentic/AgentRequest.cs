using System.Text;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.Protocol.Problems;
using ApprovalMode = EdgeCoder.Agent.Approvals.ApprovalMode;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>What somebody asks an agent for, read from the body of a chat. Pure.</summary>
internal sealed record AgentRequest
{
    private const int MostMessages = 1_000;

    /// <summary>The last message: what is asked now.</summary>
    public required string Text { get; init; }

    /// <summary>The same with what was said before, for a session that does not know it.</summary>
    public required string WithHistory { get; init; }

    /// <summary>What is allowed without asking.</summary>
    public required ApprovalMode Mode { get; init; }

    /// <summary>Whether the body names the mode.</summary>
    public required bool ModeIsNamed { get; init; }

    /// <summary>Class that the body names, or <c>local</c>.</summary>
    public required DataClass DataClass { get; init; }

    /// <summary>Reads it. Throws <see cref="Refusal"/> 400 that names the member.</summary>
    public static AgentRequest Read(AgentChatBody body)
    {
        if (body.Messages is not { Count: > 0 and <= MostMessages } messages)
        {
            throw Wrong("messages", $"1 to {MostMessages} messages are expected");
        }

        var said = messages.Select((message, at) => (Role: Role(message, at), Text: TextOf(message, at))).ToList();
        var (role, text) = said[^1];
        return role == "user" && !string.IsNullOrWhiteSpace(text)
            ? new()
            {
                Text = text,
                WithHistory = History(said),
                Mode = ModeOf(body.Mode) ?? ApprovalMode.WorkspaceWrite,
                ModeIsNamed = body.Mode is not null,
                DataClass = body.DataClass is null ? DataClass.Local : DataClasses.Parse(body.DataClass) ?? throw Wrong("dataClass", "local, team or mesh is expected"),
            }
            : throw Wrong($"messages[{said.Count - 1}]", "the last message must be the user's and say something");
    }

    // What was said is data of the request; only the last message asks for something.
    private static string History(IReadOnlyList<(string Role, string Text)> said)
    {
        if (said.Count == 1)
        {
            return said[0].Text;
        }

        var text = new StringBuilder("What was said before in this conversation:\n");
        foreach (var (role, words) in said.SkipLast(1).Where(one => one.Text.Length > 0))
        {
            text.Append('[').Append(role).Append("] ").Append(words).Append('\n');
        }

        return text.Append("\nThe request now:\n").Append(said[^1].Text).ToString();
    }

    private static string Role(AgentChatMessage message, int at) =>
        message.Role is "system" or "developer" or "user" or "assistant" ? message.Role : throw Wrong($"messages[{at}].role", "system, developer, user or assistant is expected");

    private static string TextOf(AgentChatMessage message, int at)
    {
        switch (message.Content.ValueKind)
        {
            case JsonValueKind.String:
                return message.Content.GetString()!;
            case JsonValueKind.Null or JsonValueKind.Undefined when message.Role == "assistant":
                return "";
            case JsonValueKind.Array:
                return string.Concat(message.Content.EnumerateArray().Select((part, index) =>
                    part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "text"
                        && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
                        ? text.GetString()
                        : throw Wrong($"messages[{at}].content[{index}]", "a text part is expected; agents are given text only")));
            default:
                throw Wrong($"messages[{at}].content", "a text or a list of text parts is expected");
        }
    }

    private static ApprovalMode? ModeOf(string? name) => name switch
    {
        null => null,
        "read-only" or "read_only" => ApprovalMode.ReadOnly,
        "workspace-write" or "workspace_write" => ApprovalMode.WorkspaceWrite,
        "full" => ApprovalMode.Full,
        _ => throw Wrong("mode", "read-only, workspace-write or full is expected"),
    };

    private static Refusal Wrong(string member, string rule) => Refusal.Invalid([new FieldIssue(member, rule)]);
}
