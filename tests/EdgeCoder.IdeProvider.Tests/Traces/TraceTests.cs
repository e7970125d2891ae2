using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.IdeProvider.Tests.Composition;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Wires;

namespace EdgeCoder.IdeProvider.Tests.Traces;

/// <summary>What clients sent once is accepted still, and the answer has the shape that they got (agent-executor-models 10, S11). <c>README.md</c> says how the traces are made.</summary>
public sealed class TraceTests
{
    public static TheoryData<string> Clients => [.. Directory.EnumerateFiles(ExchangeTrace.Directory, "*.jsonl").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_client_is_answered_as_it_was(string client)
    {
        var model = new ScriptedModel { Id = "scripted", Window = 65536, Acts = request => CodingModel.Answer(request) ?? Weather(request), Answer = _ => "A short title" };
        await using var inference = await ScriptedOpenAI.StartAsync(
            model,
            new ScriptedModel { Id = "edgecoder-demo", Answer = _ => "def merge" },
            new ScriptedModel { Id = "tools", Acts = Weather },
            new ScriptedModel { Id = "json", Answer = _ => """{"answer":4}""" });
        inference.Facts = listed => new { available = true, provenContext = listed == model ? (int?)65536 : null, tools = listed == model, digest = "unpinned", reach = "this-machine", provider = "openai-compatible/scripted" };
        await using var endpoint = await RunningEndpoint.StartAsync(settings => settings with { Inference = inference.Address });
        List<string> answers = [];
        foreach (var (trace, n) in ExchangeTrace.Read(Path.Combine(ExchangeTrace.Directory, client + ".jsonl")).Select((trace, n) => (trace, n + 1)))
        {
            using var answer = await endpoint.Client.SendAsync(Request(trace, [.. ExchangeTrace.ResponseIds(answers)]), TestContext.Current.CancellationToken);
            var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            answers.Add(body);
            Assert.True(trace.Status == (int)answer.StatusCode, $"line {n}, {trace.Method} {trace.Path}: {(int)answer.StatusCode} {body}");
            Assert.Equal(trace.Type, answer.Content.Headers.ContentType?.MediaType);
            var shape = ExchangeTrace.Shape(trace.Type, body);
            Assert.True(JsonNode.DeepEquals(trace.Answer, shape), $"line {n}, {trace.Method} {trace.Path}\nwas {trace.Answer.ToJsonString()}\nis  {shape.ToJsonString()}");
        }
    }

    [Theory]
    [InlineData("""{"x":[{"role":"assistant","n":7,"t":"longer"}]}""", true)]
    [InlineData("""{"x":[{"role":"assistant","n":7,"t":null}]}""", false)]
    [InlineData("""{"x":[{"role":"user","n":7,"t":"a"}]}""", false)]
    [InlineData("""{"x":[{"role":"assistant","n":"7","t":"a"}]}""", false)]
    [InlineData("""{"x":[{"role":"assistant","t":"a"}]}""", false)]
    [InlineData("""{"x":{"role":"assistant","n":7,"t":"a"}}""", false)]
    public void A_member_that_is_gone_or_of_another_kind_is_another_shape(string now, bool same)
    {
        const string was = """{"x":[{"role":"assistant","n":1,"t":"a"}]}""";
        Assert.Equal(same, JsonNode.DeepEquals(ExchangeTrace.Shape("application/json", was), ExchangeTrace.Shape("application/json", now)));
    }

    [Theory]
    [InlineData("data: {\"a\":1}\n\ndata: {\"a\":2}\n\ndata: {\"a\":3}\n\n: still here\n\ndata: [DONE]\n\n", true)]
    [InlineData("data: {\"a\":1}\n\n", false)]
    [InlineData("data: {\"a\":1}\n\ndata: {\"error\":{}}\n\n", false)]
    [InlineData("event: a\ndata: {\"a\":1}\n\ndata: [DONE]\n\n", false)]
    public void A_stream_that_ends_otherwise_is_another_shape(string now, bool same) =>
        Assert.Equal(same, JsonNode.DeepEquals(ExchangeTrace.Shape("text/event-stream", "data: {\"a\":1}\n\ndata: [DONE]\n\n"), ExchangeTrace.Shape("text/event-stream", now)));

    private static HttpRequestMessage Request(ExchangeTrace trace, IReadOnlyList<string> ids)
    {
        // In one pass: an id may itself begin as the name of another one does.
        var path = string.Join('/', trace.Path.Split('/').Select(part => ids.Where((_, n) => ExchangeTrace.ResponseName(n) == part).FirstOrDefault(part)));
        var request = new HttpRequestMessage(new(trace.Method), path);
        if (trace.Body is { } body)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(trace.Headers["Content-Type"]);
        }

        foreach (var (name, value) in trace.Headers.Where(header => header.Key != "Content-Type"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static ScriptedTurn? Weather(JsonElement request) => !request.TryGetProperty("tools", out var tools) || tools[0].GetProperty("function").GetProperty("name").GetString() != "weather" ? null
        : request.GetProperty("messages").EnumerateArray().Last().GetProperty("role").GetString() == "tool" ? new("It is clear.")
        : ScriptedTurn.Call("weather", new { town = "Bern" });
}
