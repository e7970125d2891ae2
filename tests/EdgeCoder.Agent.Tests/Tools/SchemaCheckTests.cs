using System.Text.Json;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Tests.Tools;

/// <summary>Arguments are checked against the schema, and the fault says where and what is expected.</summary>
public sealed class SchemaCheckTests
{
    private const string Schema =
        """
        {"type":"object","properties":{
        "path":{"type":"string","minLength":1,"maxLength":5},
        "limit":{"type":"integer","minimum":1,"maximum":10},
        "mode":{"enum":["fast","slow"]},
        "command":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"},"minItems":1}]},
        "deep":{"type":"object","properties":{"on":{"type":"boolean"}},"required":["on"],"additionalProperties":false}},
        "required":["path"],"additionalProperties":false}
        """;

    [Theory]
    [InlineData("""{"path":"a"}""")]
    [InlineData("""{"path":"a","limit":10,"mode":"slow","command":["x"],"deep":{"on":true}}""")]
    [InlineData("""{"path":"𝄞𝄞𝄞𝄞𝄞","command":"x"}""")]
    public void Fits(string value) => Assert.Null(Check(value));

    [Theory]
    [InlineData("""{}""", "$", "path is missing")]
    [InlineData("""[]""", "$", "must be object")]
    [InlineData("""{"path":3}""", "$.path", "must be string, not 3")]
    [InlineData("""{"path":""}""", "$.path", "at least 1")]
    [InlineData("""{"path":"abcdef"}""", "$.path", "at most 5")]
    [InlineData("""{"path":"a","limit":0}""", "$.limit", "at least 1")]
    [InlineData("""{"path":"a","limit":11}""", "$.limit", "at most 10")]
    [InlineData("""{"path":"a","limit":1.5}""", "$.limit", "must be integer")]
    [InlineData("""{"path":"a","limit":"1"}""", "$.limit", "must be integer")]
    [InlineData("""{"path":"a","mode":"other"}""", "$.mode", "one of")]
    [InlineData("""{"path":"a","command":[]}""", "$.command", "")]
    [InlineData("""{"path":"a","command":["x",3]}""", "$.command[1]", "must be string")]
    [InlineData("""{"path":"a","deep":{}}""", "$.deep", "on is missing")]
    [InlineData("""{"path":"a","deep":{"on":true,"off":1}}""", "$.deep.off", "known are on")]
    [InlineData("""{"path":"a","paht":"b"}""", "$.paht", "known are path")]
    [InlineData("""{"path":"a","path":"b"}""", "$.path", "twice")]
    [InlineData("""{"path":null}""", "$.path", "not null")]
    public void Fault_names_its_path(string value, string path, string message)
    {
        var fault = Check(value);
        Assert.NotNull(fault);
        Assert.Equal(path, fault.Path);
        Assert.Contains(message, fault.Message);
    }

    [Fact]
    public void Keyword_that_is_not_checked_is_found()
    {
        using var schema = JsonDocument.Parse("""{"type":"object","properties":{"a":{"type":"string","pattern":"x"}},"items":{"not":{}},"additionalProperties":{}}""");
        Assert.Equal(["#/properties/a/pattern", "#/items/not", "#/additionalProperties (must be false)"], SchemaCheck.Unknown(schema.RootElement));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("1e300")]
    [InlineData("""{"path":[],"limit":123456789012345678901234567890,"deep":{"on":{}}}""")]
    public void Strange_value_is_a_fault_and_no_throw(string value) => Assert.NotNull(Check(value));

    private static SchemaFault? Check(string value)
    {
        using var schema = JsonDocument.Parse(Schema);
        using var document = JsonDocument.Parse(value);
        return SchemaCheck.Check(document.RootElement, schema.RootElement);
    }
}
