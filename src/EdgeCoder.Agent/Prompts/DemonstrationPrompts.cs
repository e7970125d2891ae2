using EdgeCoder.Agent.Snippets;

namespace EdgeCoder.Agent.Prompts;

/// <summary>
/// Prompts for the demonstration model, which was trained on exactly these lines and on nothing else: <c>plan python: …</c>,
/// <c>tests python: …</c>, <c>code python: …</c>. It cannot read feedback; a new try is the same line with a new seed.
/// </summary>
internal sealed class DemonstrationPrompts(SnippetTask task) : IPromptWriter
{
    private const int Version = 1;

    public Prompt Plan(string? fault) => Line("plan");

    public Prompt Tests(PlanSoFar plan, string? fault) => Line("tests");

    public Prompt Code(PlanSoFar plan, TestsSoFar tests, string? fault) => Line("code");

    public Prompt Reflect(PlanSoFar plan, TestsSoFar tests, FailedTry failed, string? fault) => Line("code");

    private Prompt Line(string what) =>
        new(what, Version, [], [new("request", $"{what} {SnippetFiles.For(task.Language).Tag}: {string.Join(' ', task.Request.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}")]);
}
