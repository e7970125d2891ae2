using System.Text.Json;
using EdgeCoder.Agent.Mcp;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Tests.Mcp;

/// <summary>A schema that a stranger wrote never breaks the check of calls; it only checks less (agent-executor-models 2.4, 8).</summary>
public sealed class ForeignSchemaTests
{
    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","maxLength":3}},"required":["a"],"additionalProperties":false}""", """{"type":"object","properties":{"a":{"type":"string","maxLength":3}},"required":["a"],"additionalProperties":false}""")]
    [InlineData("{}", """{"type":"object"}""")]
    [InlineData("""{"type":"array"}""", """{"type":"object"}""")]
    [InlineData("""{"$ref":"#/x","format":"y","pattern":"(a+)+$","allOf":[{}],"not":{},"patternProperties":{"^a":{}},"additionalProperties":false}""", """{"type":"object"}""")]
    [InlineData("""{"properties":{"a":{"type":"text","minLength":-1,"maxLength":"5","minimum":"x","enum":[],"required":"a","items":[]}}}""", """{"properties":{"a":{}},"type":"object"}""")]
    [InlineData("""{"properties":{"a":true,"b":{"type":["string","null"]},"c":{"type":[]},"d":{"type":["text"]}}}""", """{"properties":{"a":{},"b":{"type":["string","null"]},"c":{},"d":{}},"type":"object"}""")]
    [InlineData("""{"anyOf":[{"required":["a"]}],"properties":{"a":{"oneOf":[{"type":"string"},{"type":"integer"}]}}}""", """{"properties":{"a":{"anyOf":[{"type":"string"},{"type":"integer"}]}},"type":"object"}""")]
    [InlineData("""{"properties":{"a":{"description":"x\u202ey\u0007\nz","title":5}}}""", """{"properties":{"a":{"description":"xy z"}},"type":"object"}""")]
    public void What_is_not_known_or_makes_no_sense_is_dropped(string given, string read) =>
        Assert.Equal(read, ForeignSchema.Read(JsonElement.Parse(given))!.Value.GetRawText());

    [Theory]
    [InlineData("[]")]
    [InlineData("true")]
    [InlineData("\"object\"")]
    [InlineData("""{"description":"half a character: \ud83d"}""")]
    [InlineData("""{"properties":{"\udc00":{}}}""")]
    [InlineData("""{"properties":{"a":{"enum":["\ud800"]}}}""")]
    public void What_is_no_schema_or_no_text_is_none(string given) => Assert.Null(ForeignSchema.Read(JsonElement.Parse(given)));

    [Fact]
    public void One_that_is_too_deep_too_wide_or_too_long_is_none()
    {
        Assert.NotNull(Nested(12));
        Assert.Null(Nested(13));
        Assert.NotNull(Wide(1_999));
        Assert.Null(Wide(2_000));
        Assert.Null(ForeignSchema.Read(JsonElement.Parse($$"""{"title":"{{new string('x', 32 << 10)}}"}""")));
    }

    [Fact]
    public void Everything_that_is_left_is_obeyed_by_the_check_of_calls()
    {
        var schema = ForeignSchema.Read(JsonElement.Parse("""{"properties":{"n":{"minimum":1,"maximum":1e400},"l":{"maxItems":1,"items":{"const":{"a":1} } } },"required":["n"],"$defs":{} }"""))!.Value;
        Assert.Empty(SchemaCheck.Unknown(schema));
        Assert.Null(SchemaCheck.Check(JsonElement.Parse("""{"n":1,"l":[{"a":1}],"more":2}"""), schema));
        foreach (var wrong in new[] { "{}", """{"n":0}""", """{"n":1,"l":[1]}""", """{"n":1,"l":[{"a":1},{"a":1}]}""" })
        {
            Assert.NotNull(SchemaCheck.Check(JsonElement.Parse(wrong), schema));
        }
    }

    [Theory]
    [InlineData("a\u001b[31mb\u200bc\u2066d\ue000e\u0000f", "a[31mbcdef")]
    [InlineData("tab\tline\nend", "tab\tline\nend")]
    [InlineData("an emoji 😀 and ä", "an emoji 😀 and ä")]
    public void Text_is_left_without_what_is_not_seen(string given, string clean) => Assert.Equal(clean, ForeignText.Clean(given));

    [Fact]
    public void A_line_is_one_line_within_its_length_and_cuts_no_character_in_two()
    {
        Assert.Equal("a b c", ForeignText.Line(" a\r\nb\tc ", 10));
        Assert.Equal("abcd…", ForeignText.Line("abcdef", 5));
        Assert.Equal("abc…", ForeignText.Line("abc😀def", 5));
    }

    private static JsonElement? Nested(int depth) =>
        ForeignSchema.Read(JsonElement.Parse(string.Concat(Enumerable.Repeat("""{"items":""", depth)) + "{}" + new string('}', depth)));

    private static JsonElement? Wide(int properties) =>
        ForeignSchema.Read(JsonElement.Parse("{\"properties\":{" + string.Join(',', Enumerable.Range(0, properties).Select(n => $"\"{n}\":{{}}")) + "}}"));
}
