using System.Net;
using System.Text.Json;
using EdgeCoder.Inference.Completions;
using EdgeCoder.Inference.Tests.Service;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Completions;

public sealed class ShapedAnswerTests : IDisposable
{
    private static readonly object Shape = new
    {
        type = "json_schema",
        json_schema = new { name = "it", schema = JsonElement.Parse("""{"$defs":{"n":{"type":"integer"}},"type":"object","properties":{"n":{"$ref":"#/$defs/n"}},"required":["n"],"additionalProperties":false}""") },
    };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Answer_that_fits_is_given_and_the_schema_was_passed_on()
    {
        await using var server = await ServerAsync("""{"n": 7}""");
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var (_, body) = await host.AskAsync(new { messages = Completion.Hi, response_format = Shape });

        Assert.Equal("""{"n": 7}""", body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("json_schema", server.Requests.Last(request => request.Method == "POST").Body.GetProperty("response_format").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Answer_that_does_not_fit_is_mended_once()
    {
        await using var server = await ServerAsync("""{"n": "seven"}""", """{"n": 7}""");
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var chunks = Completion.Chunks(await host.EventsAsync(new { messages = Completion.Hi, response_format = Shape, stream = true }));

        Assert.Equal("""{"n": 7}""", Completion.TextOf(chunks));
    }

    [Theory]
    [InlineData("json_schema", """{"n": "seven"}""")]
    [InlineData("json_object", "I would rather not.")]
    public async Task Answer_that_never_fits_is_not_given(string kind, string said)
    {
        await using var server = await ServerAsync(said);
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var told = await host.AskAsync(new { messages = Completion.Hi, response_format = kind == "json_schema" ? Shape : new { type = kind } });

        Assert.Equal((HttpStatusCode.BadGateway, "schema_not_satisfied", "response_format"), Completion.Fault(told));
    }

    [Fact]
    public async Task Schema_that_cannot_be_checked_is_refused_and_nothing_is_asked()
    {
        await using var server = await ServerAsync("{}");
        await using var host = await InferenceHost.StartAsync(_directory, server);
        var odd = new { type = "json_schema", json_schema = new { name = "it", schema = JsonElement.Parse("""{"type":"string","pattern":"^a+$"}""") } };

        Assert.Equal((HttpStatusCode.BadRequest, "unsupported_parameter", "response_format.json_schema.schema"), Completion.Fault(await host.AskAsync(new { messages = Completion.Hi, response_format = odd })));
        Assert.DoesNotContain(server.Requests, request => request.Method == "POST");
    }

    [Fact]
    public void Final_text_is_the_same_however_it_is_cut()
    {
        const string Json = """ { "final" : "a\"b\\c\nd é \ud83d\ude00 end" }""";
        const string Text = "a\"b\\c\nd é 😀 end";
        for (var size = 1; size <= Json.Length; size++)
        {
            var final = new FinalText();
            Assert.Equal(Text, string.Concat(Json.Chunk(size).Select(piece => final.Feed(new string(piece)))));
            Assert.True(final.Found);
        }
    }

    [Theory]
    [InlineData("""{"tool":"final","args":{}}""")]
    [InlineData("no json")]
    public void What_is_no_final_text_is_none(string json)
    {
        var final = new FinalText();
        Assert.Equal("", string.Concat(json.Select(c => final.Feed(c.ToString()))));
        Assert.False(final.Found);
    }

    private static Task<ScriptedOpenAI> ServerAsync(params string[] answers) =>
        ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Turns = new(answers.Select(answer => new ScriptedTurn(answer))) });
}
