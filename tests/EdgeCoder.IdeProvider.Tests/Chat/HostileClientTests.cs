using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeCoder.IdeProvider.Tests.Composition;

namespace EdgeCoder.IdeProvider.Tests.Chat;

/// <summary>Clients that are slow, many or broken: nobody else notices.</summary>
public sealed class HostileClientTests
{
    [Theory]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: appl")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 8388608\r\n\r\n{")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n7fffff\r\n{")]
    public async Task Hundreds_of_clients_that_never_finish_their_request_hold_little_and_stop_nobody(string beginning)
    {
        const int clients = 300;
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var first = await endpoint.ChatAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var slow = new List<TcpClient>();
        try
        {
            for (var n = 0; n < clients; n++)
            {
                var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, endpoint.Role.Url.Port, TestContext.Current.CancellationToken);
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(beginning), TestContext.Current.CancellationToken);
                slow.Add(client);
            }

            using var answer = await endpoint.ChatAsync();
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, clients * 256L * 1024);
        }
        finally
        {
            slow.ForEach(client => client.Dispose());
        }

        using var after = await endpoint.ChatAsync();
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    [Fact]
    public async Task A_thousand_streams_at_once_are_each_whole_and_its_own()
    {
        const int streams = 1_000;
        await using var endpoint = await RunningEndpoint.StartAsync(settings => settings with { LocalConcurrencyCap = 1_024, LocalQueue = 0 });
        var all = new TaskCompletionSource();
        var begun = 0;
        endpoint.Inference.Answer = async (context, body) =>
        {
            var own = body[body.IndexOf("own-", StringComparison.Ordinal)..].Split('"')[0];
            await StubUpstream.StreamAsync(context, StubUpstream.Piece($$"""{"role":"assistant","content":"{{own}}"}"""));
            if (Interlocked.Increment(ref begun) == streams)
            {
                all.SetResult();
            }

            // None ends before all have begun.
            await all.Task;
            await StubUpstream.StreamAsync(context, StubUpstream.Piece($$"""{"content":"-end"}""", "\"stop\"") + StubUpstream.Done);
        };
        var answers = await Task.WhenAll(Enumerable.Range(0, streams).Select(async n =>
        {
            using var answer = await endpoint.PostAsync("/v1/chat/completions", $$"""{"model":"edgecoder-auto","stream":true,"messages":[{"role":"user","content":"own-{{n}}."}]}""");
            return (Number: n, answer.StatusCode, Text: await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }));
        Assert.All(answers, answer =>
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains($"\"content\":\"own-{answer.Number}.\"", answer.Text, StringComparison.Ordinal);
            Assert.EndsWith("data: [DONE]\n\n", answer.Text, StringComparison.Ordinal);
        });
        await endpoint.SettledAsync();
        Assert.Equal(0, endpoint.Role.Line.Active);
    }

    [Fact]
    public async Task More_than_the_line_holds_are_told_when_to_come_again_and_the_others_are_served()
    {
        await using var endpoint = await RunningEndpoint.StartAsync(settings => settings with { LocalConcurrencyCap = 1, LocalQueue = 3 });
        var go = new TaskCompletionSource();
        endpoint.Inference.Answer = async (context, _) =>
        {
            await go.Task;
            await StubUpstream.JsonAsync(context, 200, StubUpstream.Whole("hello"));
        };
        var calls = Enumerable.Range(0, 10).Select(_ => endpoint.ChatAsync()).ToList();

        // The six that find no place are answered while the first still runs.
        var busy = new List<HttpResponseMessage>();
        while (busy.Count < 6)
        {
            var done = await Task.WhenAny(calls);
            calls.Remove(done);
            busy.Add(await done);
        }

        go.SetResult();
        var served = await Task.WhenAll(calls);
        Assert.All(busy, answer => Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (answer.StatusCode, answer.Headers.RetryAfter is not null)));
        Assert.All(served, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(4, served.Length);
        busy.Concat(served).ToList().ForEach(answer => answer.Dispose());
    }

    [Theory]
    [InlineData("GARBAGE\r\n\r\n", "400")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", "400")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400")]
    [InlineData("GET /v1/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "404")]
    public async Task What_is_no_request_is_refused(string bytes, string status)
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, endpoint.Role.Url.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(bytes), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        Assert.StartsWith("HTTP/1.1 " + status, await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var after = await endpoint.ChatAsync();
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }
}
