using System.Text.Json;
using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Llama.Batching;
using EdgeCoder.Inference.Llama.Grammars;
using EdgeCoder.Inference.Llama.Sampling;
using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Inference.Tests.Llama.Grammars;

public sealed class JsonSchemaGrammarTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly LlamaModel _model;

    public JsonSchemaGrammarTests() =>
        _model = LlamaModel.Load(new SyntheticModel().Save(_directory["m.gguf"]), cancellationToken: TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _model.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name"]}""",
        """{"name":"x","age":3}|{ "name": "ü\n" }""", """{}|{"age":3}|{"name":"x","age":3.5}|{"name":"x","other":1}|{"name":"x",}|{"age":1,"name":"x"}""")]
    [InlineData("""{"properties":{"a":{},"b":{},"c":{}},"required":["b"]}""",
        """{"b":1}|{"a":[1,{}],"b":null}|{"b":1,"c":2}|{"a":1,"b":2,"c":3}""", """{"a":1}|{"a":1,"c":2}|{"b":1,,"c":2}|{"a":1 "b":2}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}}}""", """{}|{"a":null}|{"b":null}|{"a":null,"b":null}""", """{,}|{"a":null,}|{"b":null,"a":null}""")]
    [InlineData("""{"type":"array","items":{"enum":["x","y",1]},"minItems":1,"maxItems":2}""", """["x"]|["y",1]""", """[]|["x","x","x"]|["z"]""")]
    [InlineData("""{"anyOf":[{"type":"string","minLength":1,"maxLength":2},{"type":"null"}]}""", "\"a\"|\"ab\"|null", "\"\"|\"abc\"|1")]
    [InlineData("""{"type":["integer","null"],"minLength":2}""", "-12|null|0", "01|1.5|\"x\"")]
    [InlineData("""{"const":{"k":[1,"\""]}}""", """{"k":[1,"\""]}""", """{"k":[1]}""")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"}}""", """{}|{"any":1,"other":2}""", """{"any":"x"}""")]
    [InlineData("""{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}},"required":[]}}}""", """{}|{"next":{"next":{}}}""", """{"next":1}""")]
    public void Grammar_takes_what_the_schema_allows_and_refuses_the_rest(string schema, string allowed, string refused)
    {
        var grammar = JsonSchemaGrammar.From(Parse(schema));
        Assert.All(allowed.Split('|'), text => Assert.True(Accepts(grammar, text), text));
        Assert.All(refused.Split('|'), text => Assert.False(Accepts(grammar, text), text));
    }

    [Fact]
    public void Any_object_takes_objects_only()
    {
        Assert.True(Accepts(JsonSchemaGrammar.AnyObject, """{"a":[1,2,{"b":null}]}"""));
        Assert.False(Accepts(JsonSchemaGrammar.AnyObject, "[1]"));
    }

    [Theory]
    [InlineData("""{"type":"string","pattern":"^a$"}""", "pattern")]
    [InlineData("""{"type":"integer","minimum":3}""", "minimum")]
    [InlineData("""{"allOf":[]}""", "allOf")]
    [InlineData("""{"type":"thing"}""", "thing")]
    [InlineData("""{"$ref":"other.json"}""", "$ref")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "none")]
    [InlineData("""{"$ref":"#"}""", "itself")]
    [InlineData("""{"type":"object","required":["ghost"]}""", "ghost")]
    [InlineData("""{"type":"string","maxLength":100000}""", "1000")]
    [InlineData("false", "schema")]
    public void What_cannot_be_enforced_is_refused_by_name(string schema, string named)
    {
        var error = Assert.Throws<ModelException>(() => JsonSchemaGrammar.From(Parse(schema)));
        Assert.Equal("unsupported_schema", error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_nested_without_end_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"items":""", 0)) + string.Concat(Enumerable.Repeat("""{"type":"array","items":""", 62)) + "{}" + new string('}', 62);
        JsonSchemaGrammar.From(Parse(deep));
        var deeper = string.Concat(Enumerable.Repeat("""{"anyOf":[""", 31)) + deep + string.Concat(Enumerable.Repeat("]}", 31));
        Assert.Throws<ModelException>(() => JsonSchemaGrammar.From(JsonDocument.Parse(deeper, new() { MaxDepth = 1000 }).RootElement));
    }

    [Fact]
    public async Task Model_of_random_weights_writes_valid_json()
    {
        using var engine = LlamaEngine.Start(_model, new() { Slots = 4 });
        var schema = """{"type":"object","properties":{"ok":{"type":"boolean"},"n":{"type":"integer"},"tags":{"type":"array","items":{"enum":["a","b"]},"maxItems":3}},"required":["ok","n","tags"]}""";
        var grammar = JsonSchemaGrammar.From(Parse(schema));
        for (uint seed = 0; seed < 20; seed++)
        {
            var generation = engine.Submit(
                new() { Prompt = _model.Tokenize("json"), MaxTokens = 400, Sampling = new() { Grammar = grammar, Temperature = 1, Seed = seed } }, TestContext.Current.CancellationToken);
            var text = string.Concat(await generation.Text.ReadAllAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
            Assert.Equal(GenerationEnd.Stop, (await generation.Completion).End);
            Assert.True(Parse(text).GetProperty("n").TryGetInt64(out _));
        }
    }

    [Theory]
    [InlineData("no-root ::= \"x\"")]
    [InlineData("root ::= other")]
    [InlineData("root ::= \"x")]
    [InlineData("root ::= root \"x\"")]
    [InlineData("")]
    [InlineData("root ::= \"\0\"")]
    public void Bad_grammar_is_an_error_and_not_a_crash(string grammar) =>
        Assert.Equal("invalid_grammar", Assert.Throws<ModelException>(() => new GrammarSampler(_model, grammar)).Code);

    [Fact]
    public void Grammar_of_many_brackets_is_refused_before_the_librarys_parser_overflows() =>
        Assert.Throws<ModelException>(() => new GrammarSampler(_model, "root ::= " + new string('(', 100_000) + "\"x\"" + new string(')', 100_000)));

    private static JsonElement Parse(string json) => JsonDocument.Parse(json, new() { MaxDepth = 1000 }).RootElement;

    /// <summary>Whether the grammar lets all of the text through, byte by byte, and then an end.</summary>
    private bool Accepts(string grammar, string text)
    {
        using var sampler = new GrammarSampler(_model, grammar);
        foreach (var token in _model.Tokenize(text))
        {
            if (!sampler.Allows(token))
            {
                return false;
            }

            sampler.Accept(token);
        }

        return sampler.Allows(SyntheticModel.EndToken);
    }
}
