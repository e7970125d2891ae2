using System.Net;
using System.Text.Json;
using CsCheck;
using EdgeCoder.IdeProvider.Tests.Composition;
using Microsoft.AspNetCore.Http.Features;

namespace EdgeCoder.IdeProvider.Tests.Chat;

public sealed class StreamTests
{
    private static string Conversation => StubUpstream.Piece("""{"role":"assistant","content":""}""") + StubUpstream.Piece("""{"content":"grüße \"role\":"}""") + StubUpstream.Piece("{}", "\"stop\"");

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public async Task A_stream_passes_whole_wherever_the_network_cuts_it(int bytesAtOnce)
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, Conversation + StubUpstream.Counts + StubUpstream.Done, bytesAtOnce);
        using var answer = await endpoint.ChatAsync(""","stream":true,"stream_options":{"include_usage":true}""");
        var events = Events(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("edgecoder-local", Assert.Single(answer.Headers.GetValues("X-EdgeCoder-Route")));
        Assert.Equal(5, events.Count);
        Assert.Equal("this-machine", JsonDocument.Parse(events[0]).RootElement.GetProperty("edgecoder").GetProperty("ranOn").GetString());
        Assert.Equal(Conversation.Split("\n\n")[1]["data: ".Length..], events[1]);
        Assert.Equal(13, JsonDocument.Parse(events[3]).RootElement.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Equal("[DONE]", events[4]);
        Assert.All(events.Skip(1), text => Assert.DoesNotContain("ranOn", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Counts_are_asked_for_always_and_shown_only_where_the_client_asked()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, Conversation + StubUpstream.Counts + StubUpstream.Done);
        using var answer = await endpoint.ChatAsync(""","stream":true""");
        var events = Events(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains("\"stream_options\":{\"include_usage\":true}", endpoint.Inference.Bodies.First(), StringComparison.Ordinal);
        Assert.DoesNotContain(events, text => text.Contains("\"choices\":[]", StringComparison.Ordinal));
        Assert.Equal("[DONE]", events[^1]);
    }

    [Fact]
    public async Task The_role_stands_in_the_first_piece_alone_also_when_the_server_repeats_it()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(
            context, StubUpstream.Piece("""{"role":"assistant","content":"a"}""") + StubUpstream.Piece("""{"role":"assistant","content":"b"}""") + StubUpstream.Piece("""{"role":"assistant"}""", "\"stop\"") + StubUpstream.Done);
        using var answer = await endpoint.ChatAsync(""","stream":true""");
        var deltas = Events(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).SkipLast(1).Select(text => JsonDocument.Parse(text).RootElement.GetProperty("choices")[0].GetProperty("delta")).ToList();
        Assert.Equal([true, false, false], deltas.Select(delta => delta.TryGetProperty("role", out _)));
        Assert.Equal("b", deltas[1].GetProperty("content").GetString());
    }

    [Fact]
    public async Task An_upstream_that_dies_in_the_middle_is_an_error_and_never_done()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        endpoint.Inference.Answer = async (context, _) =>
        {
            await StubUpstream.StreamAsync(context, StubUpstream.Piece("""{"role":"assistant","content":"half"}"""));
            await seen.Task;
            context.Abort();
        };
        using var answer = await endpoint.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"stream":true}""", completion: HttpCompletionOption.ResponseHeadersRead);
        seen.SetResult();
        AssertBroken(Events(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)), "upstream_error");
    }

    [Fact]
    public async Task A_stream_that_ends_without_its_end_is_an_error()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, StubUpstream.Piece("""{"role":"assistant","content":"half"}"""));
        using var answer = await endpoint.ChatAsync(""","stream":true""");
        AssertBroken(Events(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)), "upstream_error");
    }

    [Fact]
    public async Task An_error_in_the_stream_keeps_its_code()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, StubUpstream.Piece("""{"role":"assistant","content":"half"}""") + "data: {\"error\":{\"message\":\"cut\",\"code\":\"context_truncated\"}}\n\n");
        using var answer = await endpoint.ChatAsync(""","stream":true""");
        AssertBroken(Events(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)), "context_truncated");
    }

    [Fact]
    public async Task A_failure_before_the_first_piece_is_a_status()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.StreamAsync(context, "data: {\"error\":{\"message\":\"gone\",\"code\":\"upstream_error\"}}\n\n");
        using var answer = await endpoint.ChatAsync(""","stream":true""");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_the_call_upstream_and_frees_its_place()
    {
        await using var endpoint = await RunningEndpoint.StartAsync(settings => settings with { LocalConcurrencyCap = 1 });
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        endpoint.Inference.Answer = async (context, _) =>
        {
            await StubUpstream.StreamAsync(context, StubUpstream.Piece("""{"role":"assistant","content":"a"}"""));
            await using (context.RequestAborted.Register(gone.SetResult))
            {
                await gone.Task;
            }
        };
        using var answer = await endpoint.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"stream":true}""", completion: HttpCompletionOption.ResponseHeadersRead);
        answer.Dispose();
        await gone.Task.WaitAsync(TestContext.Current.CancellationToken);
        endpoint.Inference.Answer = (context, _) => StubUpstream.JsonAsync(context, 200, StubUpstream.Whole("next"));
        using var next = await endpoint.ChatAsync();
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task A_stream_is_handed_on_piece_by_piece()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        endpoint.Inference.Answer = async (context, _) =>
        {
            context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
            await StubUpstream.StreamAsync(context, StubUpstream.Piece("""{"role":"assistant","content":"a"}"""));
            await seen.Task;
            await StubUpstream.StreamAsync(context, StubUpstream.Piece("{}", "\"stop\"") + StubUpstream.Done);
        };
        using var answer = await endpoint.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"stream":true}""", completion: HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Contains("\"content\":\"a\"", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        seen.SetResult();
        Assert.EndsWith(StubUpstream.Done, await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_cut_of_any_stream_gives_the_same_events() =>
        Gen.Select(Gen.Int[1, 40].Array[1, 60], Gen.Bool).Sample((sizes, carriage) =>
        {
            var end = carriage ? "\r\n\r\n" : "\n\n";
            var text = string.Concat(sizes.Select((size, n) => $"data: {n}{new string('x', size)}{end}"));
            using var events = new Relaying.EventBuffer();
            var bytes = System.Text.Encoding.UTF8.GetBytes(text);
            var taken = new List<string>();
            for (int at = 0, step = 0; at < bytes.Length; step++)
            {
                var room = events.Room();
                var size = Math.Min(Math.Min(sizes[step % sizes.Length], room.Length), bytes.Length - at);
                bytes.AsMemory(at, size).CopyTo(room);
                events.Arrived(size);
                at += size;
                while (events.TryTake(out var block))
                {
                    taken.Add(System.Text.Encoding.UTF8.GetString(block));
                }
            }

            Assert.Equal(text, string.Concat(taken));
            Assert.Equal(sizes.Length, taken.Count);
            Assert.False(events.HasRest);
        });

    private static List<string> Events(string body) => [.. body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(text => text.StartsWith("data: ", StringComparison.Ordinal)).Select(text => text["data: ".Length..])];

    private static void AssertBroken(List<string> events, string code)
    {
        Assert.DoesNotContain("[DONE]", events);
        Assert.DoesNotContain(events, text => text.Contains("finish_reason\":\"", StringComparison.Ordinal));
        Assert.Equal(code, JsonDocument.Parse(events[^1]).RootElement.GetProperty("error").GetProperty("code").GetString());
    }
}
