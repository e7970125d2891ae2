using EdgeCoder.Commands;
using EdgeCoder.Executor;
using EdgeCoder.Inputs;

namespace EdgeCoder.Tests.Inputs;

public sealed class LanguageNameTests
{
    [Theory]
    [InlineData("python", null, "in JavaScript", SnippetLanguage.Python)]
    [InlineData("JS", null, "x", SnippetLanguage.JavaScript)]
    [InlineData("node", "t.py", "x", SnippetLanguage.JavaScript)]
    [InlineData(null, "t.mjs", "x", SnippetLanguage.JavaScript)]
    [InlineData(null, "T.PY", "in javascript", SnippetLanguage.Python)]
    [InlineData(null, null, "reverse a string in JavaScript", SnippetLanguage.JavaScript)]
    [InlineData(null, null, "parse a Java script argument", SnippetLanguage.Python)]
    [InlineData(null, null, "reverse a string", SnippetLanguage.Python)]
    public void What_was_named_wins_then_the_tests_file_then_the_request(string? named, string? tests, string request, SnippetLanguage expected) =>
        Assert.Equal(expected, LanguageName.Decide(named, tests, request));

    [Theory]
    [InlineData("cobol")]
    [InlineData("")]
    [InlineData("python;js")]
    public void An_unknown_name_is_refused_with_the_accepted_ones(string named)
    {
        var fault = Assert.Throws<UsageException>(() => LanguageName.Decide(named, null, "x"));
        Assert.Equal("unknown_language", fault.Code);
        Assert.Contains("python", fault.Hint, StringComparison.Ordinal);
    }
}
