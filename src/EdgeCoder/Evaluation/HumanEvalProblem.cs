using System.Text.Json.Serialization;
using EdgeCoder.Executor;

namespace EdgeCoder.Evaluation;

/// <summary>One problem of HumanEval (Python) or of the JavaScript part of HumanEval-X, with the field names of the published files.</summary>
internal sealed record HumanEvalProblem
{
    /// <summary>For instance <c>HumanEval/0</c>.</summary>
    [JsonPropertyName("task_id")]
    public required string TaskId { get; init; }

    /// <summary>Signature and description: the beginning of the solution.</summary>
    [JsonPropertyName("prompt")]
    public required string Prompt { get; init; }

    /// <summary>Name of the function; only in the Python set.</summary>
    [JsonPropertyName("entry_point")]
    public string? EntryPoint { get; init; }

    /// <summary>The rest of a correct solution.</summary>
    [JsonPropertyName("canonical_solution")]
    public required string CanonicalSolution { get; init; }

    /// <summary>The tests: for Python a function <c>check(candidate)</c>, for JavaScript a program of <c>console.assert</c>.</summary>
    [JsonPropertyName("test")]
    public required string Test { get; init; }

    /// <summary>The tests as a file for the executor: one case, which fails at the first assertion that does not hold.</summary>
    public SnippetFile TestFile(SnippetLanguage language) => language switch
    {
        SnippetLanguage.Python => new("test_humaneval.py", $"{Test}\n\ndef test_humaneval():\n    check({EntryPoint})\n"),
        // console.assert only prints: the set means it as an assertion.
        SnippetLanguage.JavaScript => new("humaneval.test.js", $"console.assert = (held, ...message) => require('node:assert').ok(held, message.join(' ') || 'assertion of the set');\n{Test}"),
        _ => throw new ArgumentOutOfRangeException(nameof(language), language, null),
    };

    /// <summary>The request that a model gets.</summary>
    public string Request(SnippetLanguage language) =>
        $"Complete this {(language == SnippetLanguage.Python ? "Python" : "JavaScript")} function. Keep its name and parameters, and give the whole function with its imports.\n\n{Prompt}";
}
