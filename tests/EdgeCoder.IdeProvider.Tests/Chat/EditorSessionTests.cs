using System.Net;
using EdgeCoder.IdeProvider.Tests.Composition;

namespace EdgeCoder.IdeProvider.Tests.Chat;

public sealed class EditorSessionTests
{
    private const string Whole = """{"model":"edgecoder-local","prompt":"def f(","suffix":"pass"}""";
    private const string Streamed = """{"model":"edgecoder-local","prompt":"def f(","stream":true}""";

    [Fact]
    public async Task A_newer_completion_of_the_session_ends_the_older_also_at_the_upstream()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        var (arrived, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        endpoint.Inference.Answer = async (context, _) =>
        {
            if (endpoint.Inference.Bodies.Count > 1)
            {
                await StubUpstream.JsonAsync(context, 200, StubUpstream.Whole("a, b"));
                return;
            }

            context.RequestAborted.Register(left.SetResult);
            arrived.SetResult();
            await left.Task;
        };
        var older = Complete(endpoint, Whole, "editor-1");
        await arrived.Task.WaitAsync(TestContext.Current.CancellationToken);
        using var newer = await Complete(endpoint, Whole, "editor-1");
        using var ended = await older;
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Conflict), (newer.StatusCode, ended.StatusCode));
        Assert.Contains("\"superseded\"", await ended.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await left.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_stream_that_has_begun_ends_with_the_error_and_never_as_done()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        var begun = new TaskCompletionSource();
        endpoint.Inference.Answer = async (context, _) =>
        {
            if (endpoint.Inference.Bodies.Count > 1)
            {
                await StubUpstream.JsonAsync(context, 200, StubUpstream.Whole("a, b"));
                return;
            }

            await StubUpstream.StreamAsync(context, StubUpstream.Piece("""{"content":"x"}"""));
            var left = new TaskCompletionSource();
            context.RequestAborted.Register(left.SetResult);
            begun.SetResult();
            await left.Task;
        };
        using var older = await endpoint.PostAsync("/v1/completions", Streamed, headers: headers => headers.Add("X-EdgeCoder-Session", "editor-1"), completion: HttpCompletionOption.ResponseHeadersRead);
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
        using var newer = await Complete(endpoint, Whole, "editor-1");
        var text = await older.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, newer.StatusCode);
        Assert.Contains("\"superseded\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("editor-1", "editor-2", false)]
    [InlineData(null, null, false)]
    [InlineData("editor-1", "editor-1", true)]
    public async Task Other_sessions_and_other_callers_end_nothing(string? first, string? second, bool withKey)
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        var (arrived, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        endpoint.Inference.Answer = async (context, _) =>
        {
            if (endpoint.Inference.Bodies.Count == 1)
            {
                arrived.SetResult();
                await go.Task;
            }

            await StubUpstream.JsonAsync(context, 200, StubUpstream.Whole("a, b"));
        };
        var older = Complete(endpoint, Whole, first);
        await arrived.Task.WaitAsync(TestContext.Current.CancellationToken);
        using var newer = await Complete(endpoint, Whole, second, withKey ? endpoint.Key : null);
        go.SetResult();
        using var ended = await older;
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (newer.StatusCode, ended.StatusCode));
    }

    private static Task<HttpResponseMessage> Complete(RunningEndpoint endpoint, string body, string? session, string? key = null) =>
        endpoint.PostAsync("/v1/completions", body, key, headers =>
        {
            if (session is not null)
            {
                headers.Add("X-EdgeCoder-Session", session);
            }
        });
}
