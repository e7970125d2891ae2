using System.Text;

namespace EdgeCoder.Training.Corpus;

/// <summary>The answers that the model learns, word for word.</summary>
internal sealed class AnswerText(ReferenceResults results)
{
    private static readonly string[] CountWords = ["no", "one", "two", "three", "four", "five"];

    /// <summary>The answer to a request for this problem.</summary>
    public string Write(Problem problem, AnswerKind kind, Language language, string name) => kind switch
    {
        AnswerKind.Plan => Plan(problem, name),
        AnswerKind.Tests => Block(language, Tests(problem, language, name)),
        _ => Block(language, Comment(problem, language) + problem.Code(language, name)),
    };

    /// <summary>The asserts, one a line, without the block around them.</summary>
    public string Tests(Problem problem, Language language, string name)
    {
        var text = new StringBuilder(language == Language.JavaScript ? "const assert = require(\"assert\");\n" : "").Append(Comment(problem, language));
        var expected = results[problem, language];
        for (var i = 0; i < expected.Count; i++)
        {
            var call = $"{name}({string.Join(", ", problem.Template.Inputs[i].EnumerateArray().Select(value => Literal.Write(value, language)))})";
            var value = Literal.Write(expected[i], language);
            text.Append(language == Language.Python ? $"assert {call} == {value}\n" : $"assert.deepStrictEqual({call}, {value});\n");
        }

        return text.ToString();
    }

    private static string Plan(Problem problem, string name) =>
        $"1. Define {name}({string.Join(", ", problem.Template.Parameters)}).\n"
        + $"2. {problem.Template.How.Replace("$k", problem.Number.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)}\n"
        + $"3. Check {name} with {CountWords[problem.Template.Inputs.Count]} asserts.";

    private static string Comment(Problem problem, Language language) => $"{(language == Language.Python ? "#" : "//")} {problem.Purpose}\n";

    private static string Block(Language language, string code) => $"```{(language == Language.Python ? "python" : "javascript")}\n{code}```";
}
