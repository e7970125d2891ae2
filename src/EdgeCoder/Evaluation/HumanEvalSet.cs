using System.IO.Compression;
using System.Text.Json;
using EdgeCoder.Executor;

namespace EdgeCoder.Evaluation;

/// <summary>The problems that ship with the program; see <c>Data/README.md</c> for licences.</summary>
internal static class HumanEvalSet
{
    // Numbers 112 and 155 of the JavaScript set have wrong assertions and 162 needs a package.
    private static readonly string[] InvalidJavaScript = ["JavaScript/112", "JavaScript/155", "JavaScript/162"];

    /// <summary>All valid problems of a language, in the set's order: 164 for Python, 161 for JavaScript.</summary>
    public static IReadOnlyList<HumanEvalProblem> Load(SnippetLanguage language)
    {
        var name = language switch
        {
            SnippetLanguage.Python => "HumanEval.jsonl.gz",
            SnippetLanguage.JavaScript => "humaneval_js.jsonl.gz",
            _ => throw new ArgumentOutOfRangeException(nameof(language), language, null),
        };
        using var resource = typeof(HumanEvalSet).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the program");
        using var lines = new StreamReader(new GZipStream(resource, CompressionMode.Decompress));
        var problems = new List<HumanEvalProblem>();
        while (lines.ReadLine() is { } line)
        {
            if (line.Length > 0 && JsonSerializer.Deserialize(line, EvaluationJson.Default.HumanEvalProblem) is { } problem && !InvalidJavaScript.Contains(problem.TaskId))
            {
                problems.Add(problem);
            }
        }

        return problems;
    }
}
