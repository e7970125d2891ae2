using System.Net;
using EdgeCoder.IdeProvider.Tests.Composition;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.IdeProvider.Tests.Chat;

/// <summary>A model server that hangs is noticed by limits that follow from its measured speed (agent-executor-models 4.3), and its place in the line is free again.</summary>
public sealed class TimeLimitTests
{
    private const string Listed = """{"object":"list","data":[{"id":"coder","object":"model","created":1,"edgecoder":{"available":true,"provenContext":8192,"tools":true,"digest":"sha256:aa","reach":"this-machine","provider":"openai-compatible/mine","active":true,"speed":{"loadMs":0,"prefillPerSecond":1000,"decodePerSecond":100}}}]}""";

    [Theory]
    [InlineData("/v1/chat/completions", ""","stream":true""", "")]
    [InlineData("/v1/chat/completions", """,  "max_tokens":10""", "")]
    [InlineData("/v1/responses", "", "input")]
    public async Task A_server_that_never_answers_is_504_and_holds_no_place(string path, string rest, string form)
    {
        await using var stage = await Stage.StartAsync();
        stage.Server.Answer = async (context, _) => await stage.HangAsync(context);
        var asked = stage.Endpoint.PostAsync(path, form == "input" ? """{"model":"coder","input":"hi"}""" : $$"""{"model":"coder","messages":[{"role":"user","content":"hi"}]{{rest}}}""");
        await stage.Hangs;
        stage.Time.Advance(TimeSpan.FromSeconds(6));
        using var answer = await asked;
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Contains("\"upstream_timeout\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, stage.Endpoint.Role.Line.Active);
        await stage.Left;
    }

    [Fact]
    public async Task A_server_that_stops_in_the_middle_is_told_as_that()
    {
        await using var stage = await Stage.StartAsync();
        stage.Server.Answer = async (context, _) =>
        {
            await StubUpstream.StreamAsync(context, StubUpstream.Piece("""{"role":"assistant","content":"a"}"""));
            await stage.HangAsync(context);
        };
        using var answer = await stage.Endpoint.PostAsync("/v1/chat/completions", """{"model":"coder","stream":true,"messages":[{"role":"user","content":"hi"}]}""", completion: HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Contains("\"a\"", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        stage.Time.Advance(TimeSpan.FromSeconds(11));
        var rest = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\"upstream_timeout\"", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
        await stage.Left;
    }

    private sealed class Stage : IAsyncDisposable
    {
        private readonly TaskCompletionSource _hangs = new();
        private readonly TaskCompletionSource _left = new();

        private Stage(StubUpstream server) => Server = server;

        public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(56));

        public StubUpstream Server { get; }

        public RunningEndpoint Endpoint { get; private set; } = null!;

        public Task Hangs => _hangs.Task.WaitAsync(TestContext.Current.CancellationToken);

        public Task Left => _left.Task.WaitAsync(TestContext.Current.CancellationToken);

        public static async Task<Stage> StartAsync()
        {
            var stage = new Stage(await StubUpstream.StartAsync());
            stage.Endpoint = await RunningEndpoint.StartAsync(settings => settings with { Servers = [new("mine", new(stage.Server.Url, "v1/"), null)] }, stage.Time);
            stage.Endpoint.Inference.Models = Listed;
            return stage;
        }

        public async Task HangAsync(Microsoft.AspNetCore.Http.HttpContext context)
        {
            context.RequestAborted.Register(_left.SetResult);
            _hangs.SetResult();
            await _left.Task;
        }

        public async ValueTask DisposeAsync()
        {
            await Endpoint.DisposeAsync();
            await Server.DisposeAsync();
        }
    }
}
