using System.Text.Json;
using EdgeCoder.Agent.Snippets;

namespace EdgeCoder.Agent.Prompts;

/// <summary>
/// Prompts for general models. Raise a version with every change of wording: the version and the hash of what was sent are part of the record.
/// Code travels as fenced text, never inside JSON.
/// </summary>
internal sealed class SnippetPrompts(SnippetTask task, ExecutionTerms terms) : IPromptWriter
{
    private const int PlanVersion = 1;
    private const int TestsVersion = 1;
    private const int CodeVersion = 1;
    private const int ReflectVersion = 1;

    private static readonly JsonElement PlanSchema = JsonDocument.Parse(
        """
        {"type":"object","properties":{"steps":{"type":"array","minItems":1,"maxItems":10,"items":{"type":"object",
        "properties":{"index":{"type":"integer"},"description":{"type":"string"}},"required":["index","description"],"additionalProperties":false}}},
        "required":["steps"],"additionalProperties":false}
        """).RootElement.Clone();

    private readonly SnippetFiles _files = SnippetFiles.For(task);

    public Prompt Plan(string? fault) => new(
        "plan",
        PlanVersion,
        [new("instructions", $"You plan small {_files.LanguageName} programs. Answer with 2 to 6 numbered lines, one step each. No code.")],
        [Request, Fault(fault)],
        PlanSchema);

    public Prompt Tests(PlanSoFar plan, string? fault) => new(
        "tests",
        TestsVersion,
        [
            new("instructions",
                $"""
                You write tests for {_files.LanguageName} code that somebody else writes from the same task. You do not see that code.
                Answer with one fenced block that is the complete file {_files.TestsFile}. {_files.TestStyle}
                Call the public names that the task names or clearly implies. Check behaviour, edge cases and errors that the task asks for,
                with expected values you are certain of. Do not define or import the code under test: its public names are already there.
                """),
            new("subset rules", terms.Text),
        ],
        [Request, plan.Part, Fault(fault)]);

    public Prompt Code(PlanSoFar plan, TestsSoFar tests, string? fault) => new(
        "code",
        CodeVersion,
        CodeSystem,
        [Request, plan.Part, tests.Part, Fault(fault)]);

    public Prompt Reflect(PlanSoFar plan, TestsSoFar tests, FailedTry failed, string? fault) => new(
        "reflect",
        ReflectVersion,
        CodeSystem,
        [
            Request,
            plan.Part,
            tests.Part,
            new("last code", $"This code was run:\n```{_files.Tag}\n{failed.Code.TrimEnd()}\n```"),
            new("feedback", failed.Feedback),
            new("attempts", failed.AttemptsLeft == 1 ? "This is the last attempt." : $"{failed.AttemptsLeft} attempts are left."),
            new("ask", $"Find the cause, then answer with the complete corrected file {_files.CodeFile} in one fenced block."),
            Fault(fault),
        ]);

    private PromptPart Request => new("request", $"Task: {task.Request.Trim()}");

    private IReadOnlyList<PromptPart> CodeSystem =>
    [
        new("instructions",
            $"""
            You write {_files.LanguageName}. Answer with one fenced block tagged {_files.Tag} that is the complete file {_files.CodeFile}.
            Define the functions or classes that the task asks for at the top level. Print nothing and read nothing unless the task asks for it.
            The code is judged by tests alone.
            """),
        new("subset rules", terms.Text),
    ];

    private static PromptPart Fault(string? fault) => new("correction", fault ?? "");
}
