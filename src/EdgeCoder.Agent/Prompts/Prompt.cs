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

    /// <summary><c>plan</c>, <c>tests</c>, <c>code</c> or <c>reflect</c>.</summary>
    public string Name { get; }

    /// <summary>Name and version of the wording, for instance <c>code/1</c>.</summary>
    public string Version { get; }

    /// <summary>The parts, in order.</summary>
    public IReadOnlyList<PromptPart> Parts { get; }

    /// <summary>The messages.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <summary>All text, for counting.</summary>
    public string Text { get; }

    /// <summary>SHA-256 over version, roles and texts, lower-case hex.</summary>
    public string Hash { get; }

    /// <summary>Schema of the answer, used where the provider obeys one.</summary>
    public JsonElement? Schema { get; }

    private static string Join(IReadOnlyList<PromptPart> parts) => string.Join("\n\n", parts.Where(p => p.Text.Length > 0).Select(p => p.Text));
}
