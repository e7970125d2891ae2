using CsCheck;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Tests.Tools;

/// <summary>Only what leaves no doubt is repaired.</summary>
public sealed class SafeRepairTests
{
    [Theory]
    [InlineData("""{"a": [1, 2,], }""", """{"a": [1, 2]}""")]
    [InlineData("""{"a": {"b": [1, 2""", """{"a": {"b": [1, 2]}}""")]
    [InlineData("""{"a": "x,}",""", """{"a": "x,}"}""")]
    [InlineData("""{"a": "\"]"}""", """{"a": "\"]"}""")]
    public void Repaired(string text, string expected)
    {
        using var document = System.Text.Json.JsonDocument.Parse(expected);
        Assert.True(System.Text.Json.JsonElement.DeepEquals(document.RootElement, SafeRepair.Read(text, out var fault)!.Value));
        Assert.Null(fault);
    }

    [Theory]
    [InlineData("""{"a": "text that does not end""")]
    [InlineData("""{"a": 1}}""")]
    [InlineData("""{"a": 1]""")]
    [InlineData("""{a: 1}""")]
    [InlineData("""{'a': 1}""")]
    [InlineData("""{"a": tru""")]
    [InlineData("")]
    [InlineData("x")]
    public void Not_repaired_but_explained(string text)
    {
        Assert.Null(SafeRepair.Read(text, out var fault));
        Assert.StartsWith("not JSON, line 1", fault);
    }

    /// <summary>What is JSON already is never changed, and a text that is cut in a string is never made up.</summary>
    [Fact]
    public void Cut_text_is_either_refused_or_a_beginning_of_the_whole() =>
        Gen.Int[0, 60].Sample(cut =>
        {
            const string Whole = """{"tool": "write_file", "args": {"path": "a", "n": [1, 2, {"x": "rm -rf"}]}}""";
            var text = Whole[..Math.Min(cut, Whole.Length)];
            if (SafeRepair.Read(text, out _) is { } value)
            {
                var strings = value.GetRawText().Split('"').Where((_, i) => i % 2 == 1);
                Assert.All(strings, s => Assert.Contains($"\"{s}\"", Whole));
            }
        });
}
