using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Tests.Composition;

/// <summary>A real HTTP server that stands for the inference service or a model server and answers with exactly the bytes that a test gives.</summary>
internal sealed class StubUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubUpstream(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Urls.First() + "/");

    /// <summary>What it lists.</summary>
    public string Models { get; set; } = """{"object":"list","data":[{"id":"coder","object":"model","created":1,"edgecoder":{"available":true,"provenContext":8192,"tools":true,"digest":"sha256:aa","reach":"this-machine","provider":"edgecoder-local","active":true}}]}""";

    /// <summary>Answers a call.</summary>
    public Func<HttpContext, string, Task> Answer { get; set; } = (context, _) => JsonAsync(context, 200, Whole("hello"));

    /// <summary>Bodies that were posted, in order.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>Paths that were posted to.</summary>
    public ConcurrentQueue<string> Paths { get; } = new();

    /// <summary>Headers of the last post.</summary>
    public IHeaderDictionary LastHeaders { get; private set; } = new HeaderDictionary();

    /// <summary>An answer as a model server writes it.</summary>
    public static string Whole(string text) =>
        $$$"""{"id":"c1","object":"chat.completion","created":1,"model":"coder","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":2,"total_tokens":13}}""";

    /// <summary>A piece of a stream.</summary>
    public static string Piece(string delta, string finish = "null", string usage = "null") =>
        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"coder\",\"choices\":[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":" + finish + "}],\"usage\":" + usage + "}\n\n";

    /// <summary>The piece with the counts.</summary>
    public const string Counts = """data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"coder","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":2,"total_tokens":13}}""" + "\n\n";

    /// <summary>The end.</summary>
    public const string Done = "data: [DONE]\n\n";

    /// <summary>Starts one.</summary>
    public static async Task<StubUpstream> StartAsync()
    {
        var app = LoopbackApp.NewBuilder().Build();
        var stub = new StubUpstream(app);
        app.Run(stub.HandleAsync);
        await app.StartAsync();
        return stub;
    }

    /// <summary>Writes JSON.</summary>
    public static Task JsonAsync(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, context.RequestAborted);
    }

    /// <summary>Writes a stream in pieces of the given size, each flushed.</summary>
    public static async Task StreamAsync(HttpContext context, string text, int bytesAtOnce = int.MaxValue)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream";
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        for (var at = 0; at < bytes.Length;)
        {
            var size = Math.Min(bytesAtOnce, bytes.Length - at);
            await context.Response.Body.WriteAsync(bytes.AsMemory(at, size), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            at += size;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // A call that never ends is ended with the server.
        }

        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Method == "GET")
        {
            await JsonAsync(context, 200, Models);
            return;
        }

        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        LastHeaders = new HeaderDictionary(context.Request.Headers.ToDictionary());
        Bodies.Enqueue(body);
        Paths.Enqueue(context.Request.Path);
        await Answer(context, body);
    }
}
