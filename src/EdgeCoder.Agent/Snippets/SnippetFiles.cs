using EdgeCoder.Agent.Sources;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Subset;

namespace EdgeCoder.Agent.Snippets;

/// <summary>Names and words of one language.</summary>
internal sealed record SnippetFiles
{
    /// <summary>Name on the wire and tag of a fence.</summary>
    public required string Tag { get; init; }

    /// <summary>Name for people and models.</summary>
    public required string LanguageName { get; init; }

    /// <summary>File of the program.</summary>
    public required string CodeFile { get; init; }

    /// <summary>File of the model's tests.</summary>
    public required string TestsFile { get; init; }

    /// <summary>How tests look, in one sentence.</summary>
    public required string TestStyle { get; init; }

    /// <summary>Endings of its files.</summary>
    public required IReadOnlyList<string> Extensions { get; init; }

    /// <summary>Tags that mean this language, lower case.</summary>
    public required IReadOnlySet<string> Tags { get; init; }

    private static readonly SnippetFiles Python = new()
    {
        Tag = "python",
        LanguageName = "Python 3",
        CodeFile = "solution.py",
        TestsFile = "test_solution.py",
        TestStyle = "Write functions named test_… with plain assert; for errors use pytest.raises after `import pytest`.",
        Extensions = [".py"],
        Tags = new HashSet<string> { "python", "python3", "py", "py3", "python2", "cpython" },
    };

    private static readonly SnippetFiles JavaScript = new()
    {
        Tag = "javascript",
        LanguageName = "JavaScript for Node.js",
        CodeFile = "solution.js",
        TestsFile = "solution.test.js",
        TestStyle = "Use `const test = require('node:test')` and `const assert = require('node:assert/strict')`, one test(…) per behaviour.",
        Extensions = [".js", ".mjs", ".cjs"],
        Tags = new HashSet<string> { "javascript", "js", "node", "nodejs", "node.js", "mjs", "cjs", "ecmascript", "es6" },
    };

    /// <summary>Name by which tests import the program.</summary>
    public string Module => Path.GetFileNameWithoutExtension(CodeFile);

    /// <summary>
    /// The words for a task. Tests of the person may import the program by a name of their own (<c>from merge import …</c>): then it has that name.
    /// </summary>
    public static SnippetFiles For(SnippetTask task)
    {
        var words = For(task.Language);
        var own = task.TestFiles.Select(f => Path.GetFileNameWithoutExtension(f.Name)).ToHashSet();
        var imported = task.TestFiles.SelectMany(f => SourceOutline.Read(task.Language, f.Text).Imports).Distinct().ToList();
        return imported.Contains(words.Module) || imported.FirstOrDefault(m => IsPlain(m) && !own.Contains(m) && !SubsetRules.Knows(task.Language, m)) is not { } module
            ? words
            : words with { CodeFile = module + words.Extensions[0] };
    }

    private static bool IsPlain(string name) => name.Length is > 0 and <= 60 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    /// <summary>The words for a language.</summary>
    public static SnippetFiles For(SnippetLanguage language) => language switch
    {
        SnippetLanguage.Python => Python,
        SnippetLanguage.JavaScript => JavaScript,
        _ => throw new ArgumentOutOfRangeException(nameof(language), language, "Not a snippet language."),
    };
}
