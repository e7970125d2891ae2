using System.Text.Json;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Contexts;

/// <summary>
/// <c>AGENTS.md</c>: all files from the root down to the file at hand, the nearest last, 32 KiB together (agent-executor-models 2.7). They are guidance: text in
/// a prompt and nothing else, so they cannot change approvals, the sandbox, the class or the secret policy.
/// </summary>
internal static class ProjectRules
{
    /// <summary>The file's name.</summary>
    public const string FileName = "AGENTS.md";

    /// <summary>Bytes of all of them together.</summary>
    public const int MostBytes = 32 * 1024;

    /// <summary>Adds to a fresh outcome the rules of the directories it touched, and the class after it. Reads files.</summary>
    public static ToolOutcome Complete(ToolOutcome outcome, JsonElement arguments, RepositoryMind mind)
    {
        var found = new List<RulesFile>();
        var left = MostBytes - mind.Conversation.Rules.Sum(r => System.Text.Encoding.UTF8.GetByteCount(r.Text));
        foreach (var directory in Directories(outcome, arguments).Where(d => !mind.RulesSought.Contains(d)))
        {
            if (left > 0 && mind.Site.ReadRules($"{directory}/{FileName}", left) is { Length: > 0 } text)
            {
                found.Add(new($"{directory}/{FileName}", text));
                left -= System.Text.Encoding.UTF8.GetByteCount(text);
            }
        }

        // An error may quote the file as well.
        var read = Paths(outcome, arguments).Concat(found.Select(f => f.Path)).ToList();
        var narrowed = mind.Desk.Policy.Narrowed(mind.DataClass, read);
        return outcome with { Rules = found, DataClass = narrowed == mind.DataClass ? null : narrowed };
    }

    /// <summary>Notes which directories were looked through, the same on replay.</summary>
    public static void Sought(ToolOutcome outcome, JsonElement arguments, RepositoryMind mind) => mind.RulesSought.UnionWith(Directories(outcome, arguments));

    /// <summary>Directories above the files of a call, the root left out, from the top down.</summary>
    private static List<string> Directories(ToolOutcome outcome, JsonElement arguments)
    {
        return
        [
            .. Paths(outcome, arguments).SelectMany(p =>
            {
                var segments = p.Split('/', StringSplitOptions.RemoveEmptyEntries);
                return Enumerable.Range(1, Math.Max(0, segments.Length - 1)).Select(n => string.Join('/', segments.Take(n)));
            }).Where(d => !d.Split('/').Contains("..")).Distinct().Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The files that a call shows or is about.</summary>
    private static List<string> Paths(ToolOutcome outcome, JsonElement arguments)
    {
        var paths = outcome.Shown.ToList();
        if (arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty("path", out var path) && path.ValueKind == JsonValueKind.String)
        {
            paths.Add(path.GetString()!);
        }

        return paths;
    }
}
