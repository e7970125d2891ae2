using EdgeCoder.Agent.Ignores;
using System.Text.Json.Serialization;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Protocol;

namespace EdgeCoder.Agent.Approvals;

/// <summary>What a rule does.</summary>
[JsonConverter(typeof(SnakeCaseEnum<RuleEffect>))]
public enum RuleEffect
{
    /// <summary>It is done without asking.</summary>
    Allow,

    /// <summary>Somebody is asked each time.</summary>
    Ask,

    /// <summary>It is not done.</summary>
    Deny,
}

/// <summary>One rule: a tool, and a path glob, an argument prefix or a host.</summary>
internal sealed record PolicyRule
{
    /// <summary>What it does.</summary>
    public required RuleEffect Effect { get; init; }

    /// <summary>Name of the tool; <c>*</c> for all, in rules that ask or deny.</summary>
    public required string Tool { get; init; }

    /// <summary>Paths that it is about.</summary>
    public string? Path { get; init; }

    /// <summary>First words of the commands that it is about.</summary>
    public IReadOnlyList<string>? Prefix { get; init; }

    /// <summary>Host that it is about.</summary>
    public string? Host { get; init; }

    /// <summary>What is wrong with it; null when it can be used.</summary>
    public string? Problem => this switch
    {
        { Tool: null or "" } => "names no tool",
        { Tool: "*", Effect: RuleEffect.Allow } => "allows every tool; name one",
        { Prefix.Count: 0 } => "has an empty prefix",
        { Prefix: { } words } when words.Any(w => string.IsNullOrWhiteSpace(w)) => "has an empty word in its prefix",
        { Path: "" } => "has an empty path",
        { Path: { } path } when path.StartsWith('/') || path.Contains('\\') || path.Split('/').Contains("..") => $"has the path {path}, which is not a pattern below the project's root",
        _ when new[] { Path is not null, Prefix is not null, Host is not null }.Count(t => t) > 1 => "has more than one of path, prefix and host",
        { Effect: RuleEffect.Allow, Tool: "run_command", Prefix: null, Host: null } => "allows every command; give a prefix",
        _ => null,
    };

    /// <summary>Whether it speaks of an action. Allowing needs certainty, forbidding does not.</summary>
    public bool Matches(ToolAction action) =>
        (Tool == "*" || string.Equals(Tool, action.Tool, StringComparison.OrdinalIgnoreCase))
        && (Path is null || (Effect == RuleEffect.Allow ? action.Paths.Count > 0 && action.Paths.All(Fits) : action.Paths.Any(Fits)))
        && (Host is null || string.Equals(Host, action.Host, StringComparison.OrdinalIgnoreCase))
        && (Prefix is null || MatchesCommand(action));

    /// <summary>In words.</summary>
    public override string ToString() =>
        $"{Effect.ToString().ToLowerInvariant()} {Tool}{(Path is null ? "" : $" {Path}")}{(Prefix is null ? "" : $" {string.Join(' ', Prefix)} …")}{(Host is null ? "" : $" {Host}")}";

    private bool Fits(string path) => PathGlob.Matches(Path!, path);

    private bool MatchesCommand(ToolAction action) => CommandShape.Simple(action) is { } words
        ? Begins(words)
        : Effect != RuleEffect.Allow && CommandShape.Parts(action).Any(Holds);

    private bool Begins(IReadOnlyList<string> words) => words.Count >= Prefix!.Count && Prefix.Zip(words).All(p => p.First == p.Second);

    private bool Holds(IReadOnlyList<string> words)
    {
        for (var i = 0; i + Prefix!.Count <= words.Count; i++)
        {
            if (Begins([.. words.Skip(i)]))
            {
                return true;
            }
        }

        return false;
    }
}
