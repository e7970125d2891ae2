using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using EdgeCoder.Portal.Composition;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Portal.Tests.Chats;

/// <summary>The chat routes of a coordinator as the portal sees them: the credential, events, and what can go wrong.</summary>
internal sealed class ScriptedCoordinator : IAsyncDisposable
{
    public const string Token = "portal-coordinator-token-0123456789abcdef";
    private readonly WebApplication _app;

    private ScriptedCoordinator(WebApplication app) => _app = app;

    public ConcurrentQueue<(string Reach, string Actor, JsonElement Body)> Asked { get; } = [];

    /// <summary>What an answer is made of, in the bytes that are sent one after the other; null in between waits for <see cref="Hold"/>.</summary>
    public IReadOnlyList<byte[]?> Answer { get; set; } = Pieces("Hello **there**.");

    /// <summary>A refusal instead of an answer.</summary>
    public (int Status, object Body)? Refusal { get; set; }

    /// <summary>Goes on with an answer that waits.</summary>
    public TaskCompletionSource Hold { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a caller of an answer has gone.</summary>
    public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when an answer waits.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Uri Url => new(_app.Urls.Single());

    public EdgeSettings Edges => new() { CoordinatorUrl = Url, CoordinatorToken = Token, Timeout = TimeSpan.FromMinutes(5) };

    public static List<byte[]?> Pieces(params string[] words) => [.. words.Select(one => (byte[]?)Encoding.UTF8.GetBytes($"data: {JsonSerializer.Serialize(new { content = one })}\n\n")), Encoding.UTF8.GetBytes("data: {\"usage\":{\"promptTokens\":7,\"completionTokens\":5}}\n\ndata: [DONE]\n\n")];

    public static async Task<ScriptedCoordinator> StartAsync()
    {
        var app = LoopbackApp.NewBuilder().Build();
        var scripted = new ScriptedCoordinator(app);
        app.Run(scripted.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return scripted;
    }

    public async ValueTask DisposeAsync()
    {
        Hold.TrySetResult();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Headers["x-portal-service-token"] != Token)
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsJsonAsync(new { status = 401, error = "portal_service_token_required" }, context.RequestAborted);
            return;
        }

        if (context.Request.Path == "/portal/models")
        {
            await context.Response.WriteAsJsonAsync(new { local = new[] { new { name = "coder", parameterSize = "7B", quantization = "Q4_K_M", running = true } }, swarm = Array.Empty<object>() }, context.RequestAborted);
            return;
        }

        var body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: context.RequestAborted);
        Asked.Enqueue((context.Request.Headers["x-edgecoder-reach"].ToString(), context.Request.Headers["x-edgecoder-actor"].ToString(), body));
        if (Refusal is { } refusal)
        {
            context.Response.StatusCode = refusal.Status;
            await context.Response.WriteAsJsonAsync(refusal.Body, context.RequestAborted);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        try
        {
            await SendAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            Gone.TrySetResult();
        }
    }

    private async Task SendAsync(HttpContext context)
    {
        foreach (var piece in Answer)
        {
            if (piece is null)
            {
                await context.Response.Body.FlushAsync(context.RequestAborted);
                Waiting.TrySetResult();
                await Hold.Task.WaitAsync(context.RequestAborted);
                continue;
            }

            await context.Response.Body.WriteAsync(piece, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
