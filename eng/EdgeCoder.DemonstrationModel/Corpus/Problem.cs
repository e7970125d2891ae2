using System.Globalization;

namespace EdgeCoder.Training.Corpus;

/// <summary>A template with its number filled in: one function with one meaning.</summary>
/// <param name="Template">The template.</param>
/// <param name="Number">Value of <c>$k</c>; 0 where the template has none.</param>
internal sealed record Problem(Template Template, int Number)
{
    /// <summary>Default function name in the language: snake case for Python, camel case for JavaScript.</summary>
    public string DefaultName(Language language) => language == Language.Python ? Template.Name : Names.ToCamelCase(Template.Name);

    /// <summary>What the function does, as a sentence: the comment with which code and asserts begin.</summary>
    /// <remarks>It makes the model say first what it understood. Everything after it can lean on these words, whatever wording and name the request had.</remarks>
    public string Purpose
    {
        get
        {
            var saying = Template.Sayings[0];
            var text = saying.Form switch { SayingForm.Noun => "returns " + saying.Text, SayingForm.Question => "checks if " + saying.Text, _ => saying.Text };
            var figures = Number.ToString(CultureInfo.InvariantCulture);
            return char.ToUpperInvariant(text[0]) + text[1..].Replace("$k", figures, StringComparison.Ordinal) + ".";
        }
    }

    /// <summary>The whole function with the given name, ending in a line break.</summary>
    public string Code(Language language, string name)
    {
        var parameters = string.Join(", ", Template.Parameters);
        return language == Language.Python
            ? $"def {name}({parameters}):\n{Body(Template.Python, "    ", name)}"
            : $"function {name}({parameters}) {{\n{Body(Template.JavaScript, "  ", name)}}}\n";
    }

    private string Body(IReadOnlyList<string> lines, string indent, string name) => string.Concat(lines.Select(line => indent + line
        .Replace("$name", name, StringComparison.Ordinal)
        .Replace("$k", Number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) + "\n"));
}
