using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.Inference.Tests.Service;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Chat;

public sealed class ChatTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Words_come_as_events_and_done_ends_them()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Answer = _ => "Grüße an alle" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        using var answer = await PostAsync(host);
        var events = await EventsAsync(answer);

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("Grüße an alle", string.Concat(events.SkipLast(1).Select(e => JsonDocument.Parse(e).RootElement.GetProperty("content").GetString())));
        Assert.Equal("[DONE]", events[^1]);
    }

    [Fact]
    public async Task Model_that_breaks_off_ends_with_its_error_and_without_done()
    {
        var heard = new TaskCompletionSource();
        var fault = new ScriptedFault { WaitFor = heard.Task, WaitBeforePiece = 3, ErrorAfterPieces = 3 };
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Answer = _ => "one two three four five six", Fault = fault });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        // The first words are on their way before the server breaks.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/chat") { Content = JsonContent.Create(new { messages = new[] { new { role = "user", content = "hi" } } }) };
        using var answer = await host.Coordinator.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        heard.SetResult();
        var events = await EventsAsync(answer);

        Assert.Equal("one", JsonDocument.Parse(events[0]).RootElement.GetProperty("content").GetString());
        Assert.True(JsonDocument.Parse(events[^1]).RootElement.GetProperty("error").GetProperty("code").GetString()!.Length > 0);
        Assert.DoesNotContain("[DONE]", events);
    }

    [Fact]
    public async Task Count_of_tokens_comes_before_the_end_for_who_asks_for_it()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Answer = _ => "Grüße an alle" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        using var answer = await host.Coordinator.PostAsJsonAsync("/chat", new { messages = new[] { new { role = "user", content = "hi" } }, include_usage = true }, TestContext.Current.CancellationToken);
        var events = await EventsAsync(answer);

        Assert.Equal("[DONE]", events[^1]);
        var usage = JsonDocument.Parse(events[^2]).RootElement.GetProperty("usage");
        Assert.True(usage.GetProperty("promptTokens").GetInt64() > 0 && usage.GetProperty("completionTokens").GetInt64() > 0);
    }

    [Theory]
    [InlineData("this-machine", 502)]
    [InlineData("team", 200)]
    [InlineData("", 200)]
    [InlineData("anywhere", 400)]
    public async Task Work_of_this_machine_never_goes_to_a_server_of_the_team(string reach, int status)
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Answer = _ => "hello" });
        await using var host = await InferenceHost.StartAsync(_directory, server, change: models => models with { Servers = [.. models.Servers.Select(one => one with { Reach = EdgeCoder.Inference.Providers.ModelReach.Team })] });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/chat") { Content = JsonContent.Create(new { messages = new[] { new { role = "user", content = "hi" } } }) };
        request.Headers.TryAddWithoutValidation("x-edgecoder-reach", reach);
        using var answer = await host.Coordinator.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 200, server.Requests.Any(one => one.Method == "POST"));
    }

    [Fact]
    public async Task Unknown_model_is_not_found_and_none_is_taken_in_its_place()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        using var answer = await PostAsync(host, "chattier");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("model_not_found", (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("error").GetString());
        Assert.DoesNotContain(server.Requests, request => request.Method == "POST");
    }

    [Fact]
    public async Task Server_that_fails_before_the_first_word_is_a_bad_gateway()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Fault = new() { Status = 503 } });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        using var answer = await PostAsync(host, "chatty");
        var told = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.BadGateway, "model_unavailable", "chatty"), (answer.StatusCode, told.GetProperty("error").GetString(), told.GetProperty("model").GetString()));
    }

    [Fact]
    public async Task Client_that_goes_away_stops_the_model()
    {
        var never = new TaskCompletionSource();
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Answer = _ => "one two three", Fault = new() { WaitFor = never.Task, WaitBeforePiece = 2 } });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        using (var request = new HttpRequestMessage(HttpMethod.Post, "/chat") { Content = JsonContent.Create(new { messages = new[] { new { role = "user", content = "hi" } } }) })
        {
            using var answer = await host.Coordinator.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            await server.ClientWaits.WaitAsync(TestContext.Current.CancellationToken);
        }

        await server.ClientGone.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{}""")]
    [InlineData("""{"messages":[{"role":"robot","content":"x"}]}""")]
    [InlineData("""{"messages":[{"role":"user"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"temperature":3}""")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"max_tokens":0}""")]
    public async Task Chat_that_breaks_a_rule_is_refused(string body)
    {
        await using var host = await InferenceHost.StartAsync(_directory);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await host.Coordinator.PostAsync("/chat", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static Task<HttpResponseMessage> PostAsync(InferenceHost host, string? model = null) =>
        host.Coordinator.PostAsJsonAsync("/chat", new { messages = new[] { new { role = "user", content = "hi" } }, model }, TestContext.Current.CancellationToken);

    private static async Task<IReadOnlyList<string>> EventsAsync(HttpResponseMessage answer) =>
        [.. (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => { Assert.StartsWith("data: ", e, StringComparison.Ordinal); return e[6..]; })];
}
