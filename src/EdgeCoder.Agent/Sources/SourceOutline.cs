using EdgeCoder.Executor;

namespace EdgeCoder.Agent.Sources;

/// <summary>What a text shows without running it.</summary>
internal sealed record SourceOutline
{
    /// <summary>Whether it looks like a program and not like prose. For JavaScript: it parses.</summary>
    public required bool LooksLikeCode { get; init; }

    /// <summary>Names that it defines at the top level, in order.</summary>
    public required IReadOnlyList<string> Defined { get; init; }

    /// <summary>Whether it defines a function or a class that is not itself a test.</summary>
    public required bool DefinesProgram { get; init; }

    /// <summary>
    /// Names that it uses and that neither it nor the language defines, and names it imports from the file under test: what a test file wants tested.
    /// </summary>
    public required IReadOnlyList<string> Wanted { get; init; }

    /// <summary>Modules that it imports: for Python the first part of their names, for JavaScript the files beside it, without folder and ending.</summary>
    public IReadOnlyList<string> Imports { get; init; } = [];

    /// <summary>Names of its test cases.</summary>
    public required IReadOnlyList<string> TestNames { get; init; }

    /// <summary>Whether it contains tests: cases of a framework, or assertions at the top level.</summary>
    public required bool HasTests { get; init; }

    /// <summary>Nothing to be seen.</summary>
    public static SourceOutline NoCode { get; } = new() { LooksLikeCode = false, Defined = [], DefinesProgram = false, Wanted = [], TestNames = [], HasTests = false };

    /// <summary>Reads a text; <paramref name="underTest"/> is the module name of the file that tests import.</summary>
    public static SourceOutline Read(SnippetLanguage language, string text, string underTest = "solution") => language switch
    {
        SnippetLanguage.Python => PythonOutline.Read(text, underTest),
        SnippetLanguage.JavaScript => JavaScriptOutline.Read(text, underTest),
        _ => throw new ArgumentOutOfRangeException(nameof(language), language, "Not a snippet language."),
    };
}
