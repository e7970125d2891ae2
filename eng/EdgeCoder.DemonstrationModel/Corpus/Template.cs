using System.Text.Json;

namespace EdgeCoder.Training.Corpus;

/// <summary>One family member of the corpus: what it is called, how people ask for it, and its reference code in both languages.</summary>
/// <remarks><c>$k</c> stands for a small number, <c>$name</c> for the function's name (recursion).</remarks>
internal sealed record Template
{
    /// <summary>Default function name, in snake case; unique in the library.</summary>
    public required string Name { get; init; }

    /// <summary>Parameter names, in order.</summary>
    public required IReadOnlyList<string> Parameters { get; init; }

    /// <summary>How people ask for it.</summary>
    public required IReadOnlyList<Saying> Sayings { get; init; }

    /// <summary>Second line of the plan.</summary>
    public required string How { get; init; }

    /// <summary>Lines of the Python function's body.</summary>
    public required IReadOnlyList<string> Python { get; init; }

    /// <summary>Lines of the JavaScript function's body.</summary>
    public required IReadOnlyList<string> JavaScript { get; init; }

    /// <summary>Argument lists for which asserts are written; each element is a JSON array.</summary>
    public required IReadOnlyList<JsonElement> Inputs { get; init; }

    /// <summary>Whether the template has a number <c>$k</c> in it.</summary>
    public bool HasNumber => Sayings.Any(saying => saying.Text.Contains("$k", StringComparison.Ordinal));
}
