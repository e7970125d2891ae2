using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Agent.Prompts;

/// <summary>What is sent to the model in one call. Equal prompts have equal hashes, whoever builds them.</summary>
internal sealed class Prompt
{
    /// <summary>Builds a prompt of an optional system text and one user message.</summary>
    public Prompt(string name, int version, IReadOnlyList<PromptPart> system, IReadOnlyList<PromptPart> user, JsonElement? schema = null)
    {
        Name = name;
        Version = $"{name}/{version}";
        Parts = [.. system, .. user];
        Schema = schema;
        var messages = new List<ChatMessage>();
        if (system.Count > 0)
        {
            messages.Add(new ChatMessage(ChatRole.System, Join(system)));
        }

        messages.Add(new ChatMessage(ChatRole.User, Join(user)));
        Messages = messages;
        Text = string.Join("\n", messages.Select(m => m.Text));
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Version}\0{string.Join('\0', messages.Select(m => $"{m.Role}\0{m.Text}"))}")));
    }

    /// <summary>Builds a prompt of a conversation.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">Version of the wording.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="parts">What they are made of; their texts together are what is counted and hashed, so nothing that is sent may be missing.</param>
    /// <param name="schema">Schema of the answer.</param>
    /// <param name="tools">Tools in the provider's own form; their text is among the parts.</param>
    public Prompt(string name, int version, IReadOnlyList<ChatMessage> messages, IReadOnlyList<PromptPart> parts, JsonElement? schema, IReadOnlyList<AITool> tools)
    {
        Name = name;
        Version = $"{name}/{version}";
        Parts = parts;
        Schema = schema;
        Messages = messages;
        Tools = tools;
        Text = string.Join("\n", parts.Select(p => p.Text));
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Version}\0{string.Join('\0', parts.Select(p => $"{p.Name}\0{p.Text}"))}")));
    }

    /// <summary><c>plan</c>, <c>tests</c>, <c>code</c>, <c>reflect</c>, <c>step</c> or <c>summarise</c>.</summary>
    public string Name { get; }

    /// <summary>Name and version of the wording, for instance <c>code/1</c>.</summary>
    public string Version { get; }

    /// <summary>The parts, in order.</summary>
    public IReadOnlyList<PromptPart> Parts { get; }

    /// <summary>The messages.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <summary>Tools in the provider's own form.</summary>
    public IReadOnlyList<AITool> Tools { get; } = [];

    /// <summary>All text, for counting.</summary>
    public string Text { get; }

    /// <summary>SHA-256 over version, roles and texts, lower-case hex.</summary>
    public string Hash { get; }

    /// <summary>Schema of the answer, used where the provider obeys one.</summary>
    public JsonElement? Schema { get; }

    private static string Join(IReadOnlyList<PromptPart> parts) => string.Join("\n\n", parts.Where(p => p.Text.Length > 0).Select(p => p.Text));
}
