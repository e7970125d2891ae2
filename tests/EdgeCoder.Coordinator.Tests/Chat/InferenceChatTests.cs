using System.Text.Json;
using CsCheck;
using EdgeCoder.Coordinator.Chat;
using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Hosting.Web;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCoder.Coordinator.Tests.Chat;

public sealed class InferenceChatTests
{
    private const string Token = "inference-token-inference-token-00";

    [Fact]
    public async Task Events_come_through_as_the_inference_service_sends_them()
    {
        string? token = null;
        await using var inference = await ServerAsync(async context =>
        {
            token = context.Request.Headers["x-inference-token"];
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"content\":\"Grüße\"}\n\ndata: [DONE]\n\n", context.RequestAborted);
        });

        var (status, text) = await AskAsync(new() { InferenceUrl = new(inference.Urls.Single()), InferenceToken = Token });

        Assert.Equal((200, "data: {\"content\":\"Grüße\"}\n\ndata: [DONE]\n\n", Token), (status, text, token));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task Service_without_a_model_is_told_as_no_models_available(int status)
    {
        await using var inference = await ServerAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("{}", context.RequestAborted);
        });

        var answer = await AskAsync(new() { InferenceUrl = new(inference.Urls.Single()), InferenceToken = Token });

        Assert.Equal((502, "no_models_available"), (answer.Status, JsonDocument.Parse(answer.Text).RootElement.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Without_a_token_or_a_service_nothing_is_sent()
    {
        Assert.Equal(502, (await AskAsync(new())).Status);
        Assert.Equal(502, (await AskAsync(new() { InferenceUrl = new("http://127.0.0.1:1"), InferenceToken = Token })).Status);
    }

    [Fact]
    public async Task Work_of_this_machine_says_so_and_does_not_go_to_another_one()
    {
        string? reach = null;
        await using var inference = await ServerAsync(context =>
        {
            reach = context.Request.Headers["x-edgecoder-reach"];
            context.Response.ContentType = "text/event-stream";
            return context.Response.WriteAsync("data: [DONE]\n\n", context.RequestAborted);
        });

        Assert.Equal(200, (await AskAsync(new() { InferenceUrl = new(inference.Urls.Single()), InferenceToken = Token }, "this-machine")).Status);
        Assert.Equal("this-machine", reach);
        var (status, text) = await AskAsync(new() { InferenceUrl = new("https://inference.example"), InferenceToken = Token }, "this-machine");
        Assert.Equal((409, "local_not_offered"), (status, JsonDocument.Parse(text).RootElement.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Broken_stream_ends_without_done()
    {
        // The service breaks off only when its first words have arrived: before that nothing was sent, and the answer is a problem.
        var arrived = new TaskCompletionSource();
        await using var inference = await ServerAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"content\":\"one\"}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await arrived.Task.WaitAsync(context.RequestAborted);
            context.Abort();
        });
        using var chat = new InferenceChat(new() { InferenceUrl = new(inference.Urls.Single()), InferenceToken = Token });
        await using var app = await ServerAsync(context => chat.RelayAsync(context, "{}"u8.ToArray()));
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, app.Urls.Single());
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal("data: {\"content\":\"one\"}", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        arrived.SetResult();

        await Assert.ThrowsAnyAsync<Exception>(() => reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Every_agent_is_counted_once_and_load_is_a_share() =>
        Gen.Select(Gen.OneOf(Gen.Const("a"), Gen.Const("b")), Gen.Long[0, 9], Gen.Int[-1, 70], Gen.Int[0, 64]).Select((model, size, busy, slots) => new ModelInUse(model, size, busy, slots)).Array[0, 20].Sample(agents =>
        {
            var models = SwarmModels.Of(agents);
            return models.Sum(model => model.AgentCount) == agents.Length && models.All(model => model.AvgLoad is >= 0 and <= 1 && model.ParamSize is null or > 0);
        });

    private static async Task<(int Status, string Text)> AskAsync(EscalationSettings settings, string? reach = null)
    {
        using var chat = new InferenceChat(settings);
        var body = """{"messages":[{"role":"user","content":"hi"}]}"""u8.ToArray();
        await using var app = await ServerAsync(context => chat.RelayAsync(context, body));
        using var client = new HttpClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("x-edgecoder-reach", reach);
        using var answer = await client.PostAsync(app.Urls.Single(), null, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<WebApplication> ServerAsync(RequestDelegate handler)
    {
        var builder = LoopbackApp.NewBuilder();
        var app = builder.Build();
        app.UseProblems(NullLogger.Instance);
        app.Run(handler);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
