using System.Text.Json.Nodes;
using EdgeCoder.IdeProvider.Tests.Composition;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.IdeProvider.Tests.Routing;

/// <summary>The gate judges how long callers wait for the first token, not how long answers are (agent-executor-models 6.5; 10 S9).</summary>
public sealed class LatencySampleTests
{
    private const string Timed = """{"object":"list","data":[{"id":"coder","object":"model","created":1,"edgecoder":{"available":true,"provenContext":8192,"digest":"sha256:aa","reach":"this-machine","provider":"edgecoder-local","active":true,"speed":{"loadMs":0,"prefillPerSecond":1000,"decodePerSecond":0.1}}}]}""";

    private readonly CallTime _time = new();

    // Two tokens of ten seconds each; the server takes longer before the first.
    [Theory]
    [InlineData(20, 0)]
    [InlineData(21, 1_800)]
    [InlineData(18, 0)]
    public async Task Whole_answers_count_without_the_time_that_their_writing_took(int seconds, long estimate)
    {
        await using var endpoint = await RunningEndpoint.StartAsync(settings => settings with { LocalConcurrencyCap = 1 }, _time);
        endpoint.Inference.Models = Timed;
        endpoint.Inference.Answer = (context, _) => AnswerAfterAsync(context, seconds);
        await AskAsync(endpoint);
        Assert.Equal((3, estimate, "open"), await StatusAsync(endpoint));
    }

    [Fact]
    public async Task Whole_answers_of_a_model_whose_speed_nobody_knows_count_when_they_are_quick_alone()
    {
        await using var endpoint = await RunningEndpoint.StartAsync(settings => settings with { LocalConcurrencyCap = 1 }, _time);
        endpoint.Inference.Answer = (context, _) => AnswerAfterAsync(context, 60);
        await AskAsync(endpoint);
        Assert.Equal((0, 0, "open"), await StatusAsync(endpoint));
        endpoint.Inference.Answer = (context, _) => AnswerAfterAsync(context, 2);
        await AskAsync(endpoint);
        Assert.Equal((3, 3_600, "open"), await StatusAsync(endpoint));
    }

    [Fact]
    public async Task A_long_stream_counts_to_its_first_piece()
    {
        await using var endpoint = await RunningEndpoint.StartAsync(settings => settings with { LocalConcurrencyCap = 1 }, _time);
        for (var n = 0; n < 3; n++)
        {
            var goOn = new TaskCompletionSource();
            endpoint.Inference.Answer = async (context, _) =>
            {
                await StubUpstream.StreamAsync(context, StubUpstream.Piece("""{"role":"assistant","content":"a"}"""));
                await goOn.Task;
                await StubUpstream.StreamAsync(context, StubUpstream.Piece("{}", "\"stop\"") + StubUpstream.Counts + StubUpstream.Done);
            };
            using var answer = await endpoint.PostAsync("/v1/chat/completions", """{"model":"edgecoder-auto","stream":true,"messages":[{"role":"user","content":"hi"}]}""", completion: HttpCompletionOption.ResponseHeadersRead);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            Assert.Contains("\"a\"", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            _time.Advance(TimeSpan.FromSeconds(14));
            goOn.SetResult();
            Assert.Contains("[DONE]", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.Equal((3, 0, "open"), await StatusAsync(endpoint));
    }

    private Task AnswerAfterAsync(Microsoft.AspNetCore.Http.HttpContext context, int seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        return StubUpstream.JsonAsync(context, 200, StubUpstream.Whole("hello"));
    }

    private static async Task AskAsync(RunningEndpoint endpoint)
    {
        for (var n = 0; n < 3; n++)
        {
            using var answer = await endpoint.ChatAsync();
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    private static async Task<(int Samples, long EstimateMs, string? Gate)> StatusAsync(RunningEndpoint endpoint)
    {
        await endpoint.SettledAsync();
        var status = JsonNode.Parse(await endpoint.Client.GetStringAsync("/v1/router/status", TestContext.Current.CancellationToken))!;
        return ((int)status["latencySamples"]!, (long)status["localLatencyP95Ms"]!, (string?)status["gate"]);
    }

    /// <summary>
    /// A clock that a test advances in the middle of a call. The question for the models may be under way at that moment, in the background: its patience is
    /// real time, so that it does not end for a time that only the call took.
    /// </summary>
    private sealed class CallTime() : FakeTimeProvider(System.GetUtcNow())
    {
        private static readonly TimeSpan PatienceWithModels = TimeSpan.FromSeconds(10);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            dueTime == PatienceWithModels ? System.CreateTimer(callback, state, dueTime, period) : base.CreateTimer(callback, state, dueTime, period);
    }
}
