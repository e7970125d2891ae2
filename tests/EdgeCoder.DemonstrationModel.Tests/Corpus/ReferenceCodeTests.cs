using System.Text.Json;
using EdgeCoder.Training.Corpus;
using EdgeCoder.Training.Evaluation;

namespace EdgeCoder.Training.Tests.Corpus;

public sealed class ReferenceCodeTests
{
    [Theory]
    [InlineData("Python")]
    [InlineData("JavaScript")]
    public void Every_reference_function_passes_its_asserts(string language)
    {
        var chosen = Enum.Parse<Language>(language);
        var passed = CodeJudge.Run([.. TemplateLibrary.Problems.Select(problem => new JudgedProgram(chosen, problem.Code(chosen, "f") + References.Answers.Tests(problem, chosen, "f")))]);
        Assert.Equal([], TemplateLibrary.Problems.Where((_, i) => !passed[i]).Select(problem => problem.Template.Name));
    }

    [Theory]
    [InlineData("Python", "def f(*args):\n    raise Exception()\n")]
    [InlineData("JavaScript", "function f() { throw new Error(); }\n")]
    public void Every_block_of_asserts_fails_against_a_function_that_only_raises(string language, string stub)
    {
        var chosen = Enum.Parse<Language>(language);
        var passed = CodeJudge.Run([.. TemplateLibrary.Problems.Select(problem => new JudgedProgram(chosen, stub + References.Answers.Tests(problem, chosen, "f")))]);
        Assert.DoesNotContain(true, passed);
    }

    [Fact]
    public void Reference_functions_that_disagree_between_languages_are_found()
    {
        var good = TemplateLibrary.All.Single(template => template.Name == "add");
        var planted = new Problem(good with { JavaScript = ["return a + b + 1;"] }, 0);
        var error = Assert.Throws<InvalidOperationException>(() => ReferenceResults.Compute([planted]));
        Assert.Contains("add", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Python", "assert 1 == 2\n")]
    [InlineData("Python", "while True:\n    pass\n")]
    [InlineData("JavaScript", "require(\"assert\").deepStrictEqual(1, 2);\n")]
    [InlineData("JavaScript", "for (;;) {}\n")]
    public void Judge_fails_a_program_that_asserts_wrongly_or_never_ends(string language, string program) =>
        Assert.Equal([false], CodeJudge.Run([new JudgedProgram(Enum.Parse<Language>(language), program)]));

    [Theory]
    [InlineData("""{"a": [1, 2.5, true, null, "x"]}""", "Python", """{"a": [1, 2.5, True, None, "x"]}""")]
    [InlineData("""{"a": [1, 2.5, true, null, "x"]}""", "JavaScript", """{"a": [1, 2.5, true, null, "x"]}""")]
    public void Literals_follow_the_language(string json, string language, string expected) =>
        Assert.Equal(expected, Literal.Write(JsonDocument.Parse(json).RootElement, Enum.Parse<Language>(language)));
}
