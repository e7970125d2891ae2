using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Replies;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Calls;

/// <summary>What a whole reply asks for.</summary>
internal sealed record ReplyReading
{
    /// <summary>Tool calls, in order; malformed ones among them.</summary>
    public required IReadOnlyList<RequestedCall> Calls { get; init; }

    /// <summary>A plan; null when the reply holds none.</summary>
    public IReadOnlyList<PlanStep>? Plan { get; init; }

    /// <summary>The text for the person.</summary>
    public required string Statement { get; init; }

    /// <summary>Whether it says nothing at all.</summary>
    public bool IsEmpty => Calls.Count == 0 && Plan is null && Statement.Length == 0;

    /// <summary>Reads a reply. Thinking is removed first; what is in it is never a call (agent-executor-models 2.4).</summary>
    public static ReplyReading Of(ModelReply reply, CallForm form)
    {
        var text = ThinkingBlocks.Remove(reply.Text);
        if (form == CallForm.Json && reply.Calls is null && text.TrimStart().StartsWith('{'))
        {
            return OfJson(text);
        }

        var statement = new StringBuilder();
        var scanner = new ReplyScanner(s => statement.Append(s));
        scanner.Feed(text);
        scanner.Finish();
        if (form == CallForm.Json && reply.Calls is null && scanner.Calls.Count == 0 && scanner.Plans.Count == 0 && !string.IsNullOrWhiteSpace(text))
        {
            // A provider that was held to a schema and gives something else does not obey it.
            return OfJson(text);
        }

        return new ReplyReading
        {
            // A model that has calls of its own sometimes repeats them as text.
            Calls = reply.Calls is { } native ? [.. native.Select(c => new RequestedCall(c.Tool, c.Arguments))] : scanner.Calls,
            Plan = scanner.Plans.Count > 0 && PlanReply.Read(scanner.Plans[^1]) is { Count: > 0 } plan ? plan : null,
            Statement = statement.ToString().Trim(),
        };
    }

    private static ReplyReading OfJson(string text)
    {
        if (SafeRepair.Read(text.Trim(), out var fault) is not { ValueKind: JsonValueKind.Object } value)
        {
            return new() { Calls = [new("", text, $"The answer is {fault}. Expected is one JSON object: {{\"tool\": …, \"args\": {{…}}}} or {{\"final\": …}}.")], Statement = "" };
        }

        if (value.TryGetProperty("final", out var final) && final.ValueKind == JsonValueKind.String)
        {
            return new() { Calls = [], Statement = final.GetString()!.Trim() };
        }

        return new() { Calls = [CallText.One(value)], Statement = "" };
    }
}
