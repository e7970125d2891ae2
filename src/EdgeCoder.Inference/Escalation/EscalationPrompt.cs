using EdgeCoder.Agent.Feedback;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Subset;
using EdgeCoder.Protocol.Escalations;

namespace EdgeCoder.Inference.Escalation;

/// <summary>Asks for working code after others failed (agent-executor-models 1.4). Raise the version with every change of wording.</summary>
internal static class EscalationPrompt
{
    private const int Version = 1;
    private const int MostErrors = 4;

    /// <summary>The prompt. <paramref name="room"/> is about the number of characters that the failed code and each error may take.</summary>
    public static Prompt Of(InferenceEscalation request, SnippetLanguage language, FailedTry? failed, string? fault, int room)
    {
        var files = SnippetFiles.For(language);
        return new(
            "escalate",
            Version,
            [
                new("instructions",
                    $"""
                    You write {files.LanguageName}. Others tried this task and failed. Find out why, then answer with one fenced block tagged {files.Tag} that is the
                    complete file {files.CodeFile}, and after it one to three sentences that say truly what was wrong and what you changed.
                    Define the functions or classes that the task asks for at the top level. The code is judged by tests alone.
                    """),
                new("subset rules", $"{SubsetRules.Describe(language).Trim()}\nA run has 4 s and 256 MiB."),
            ],
            [
                new("request", $"Task: {request.Task!.Trim()}"),
                new("last code", string.IsNullOrWhiteSpace(request.FailedCode) ? "" : $"This code failed:\n```{files.Tag}\n{OutputExcerpt.Of(request.FailedCode, room).TrimEnd()}\n```"),
                new("errors", Errors(request.ErrorHistory!, room)),
                new("tests", string.IsNullOrWhiteSpace(request.Tests) ? "" : $"The tests:\n```{files.Tag}\n{OutputExcerpt.Of(request.Tests, room).TrimEnd()}\n```"),
                new("your try", failed is null ? "" : $"You answered this:\n```{files.Tag}\n{failed.Code.TrimEnd()}\n```\nIt was run:\n{failed.Feedback}"),
                new("correction", fault ?? ""),
            ]);
    }

    // The last errors say most; the first one says how it began.
    private static string Errors(IReadOnlyList<string> errors, int room)
    {
        var told = errors.Count <= MostErrors ? errors : [errors[0], .. errors.Skip(errors.Count - (MostErrors - 1))];
        return told.Count == 0 ? "" : $"What went wrong, oldest first:\n{string.Join('\n', told.Select(error => "- " + OutputExcerpt.Of(error, room).TrimEnd()))}";
    }
}
