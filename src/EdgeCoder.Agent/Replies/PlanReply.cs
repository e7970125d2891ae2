using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Replies;

/// <summary>Reads a plan: the schema's JSON, numbered or dashed lines, else the lines as they are.</summary>
internal static partial class PlanReply
{
    private const int MostSteps = 10;
    private const int MostCharacters = 300;

    /// <summary>The steps, all pending; empty when the reply says nothing.</summary>
    public static IReadOnlyList<PlanStep> Read(string reply)
    {
        var descriptions = FromJson(reply) ?? FromLines(reply);
        return
        [
            .. descriptions.Select(d => d.Trim()).Where(d => d.Length > 0).Take(MostSteps).Select((d, i) => new PlanStep
            {
                Index = i + 1,
                Description = d.Length > MostCharacters ? d[..MostCharacters] + "…" : d,
                Status = PlanStepStatus.Pending,
            }),
        ];
    }

    private static List<string>? FromJson(string reply)
    {
        var text = FencedBlocks.Read(reply).FirstOrDefault(b => b.Tag is "json" or "plan")?.Text ?? reply;
        if (!text.TrimStart().StartsWith('{'))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.TryGetProperty("steps", out var steps) && steps.ValueKind == JsonValueKind.Array
                ? [.. steps.EnumerateArray().Where(s => s.ValueKind == JsonValueKind.Object && s.TryGetProperty("description", out var d) && d.ValueKind == JsonValueKind.String)
                    .Select(s => s.GetProperty("description").GetString()!)]
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<string> FromLines(string reply)
    {
        var lines = new List<string>();
        Fence? open = null;
        foreach (var line in reply.ReplaceLineEndings("\n").Split('\n'))
        {
            // Code in a plan is not a step.
            if (Fence.Parse(line) is { } fence)
            {
                open = open is null ? fence : fence.Closes(open) ? null : open;
            }
            else if (open is null)
            {
                lines.Add(line);
            }
        }

        var numbered = lines.Select(l => Numbered().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value).ToList();
        return numbered.Count > 0 ? numbered : lines;
    }

    [GeneratedRegex(@"^\s*(?:#+\s*)?(?:\*\*)?(?:[Ss]tep\s+)?(?:\d{1,2}[.):]|[-*•])(?:\*\*)?\s+(.*\S)", RegexOptions.CultureInvariant)]
    private static partial Regex Numbered();
}
