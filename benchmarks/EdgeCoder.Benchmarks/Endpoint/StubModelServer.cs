using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Benchmarks.Endpoint;

/// <summary>
/// A model server that answers at once: what is left of a call is the way. It stands for the inference service too, which lists the stub's model. A piece of
/// a stream carries the time at which it was written.
/// </summary>
internal sealed class StubModelServer : IAsyncDisposable
{
    private static readonly byte[] Whole = """{"id":"c1","object":"chat.completion","created":1,"model":"stub","choices":[{"index":0,"message":{"role":"assistant","content":"Hello! How can I help you today?"},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":9,"total_tokens":21}}"""u8.ToArray();

    private readonly WebApplication _app;

    private StubModelServer(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Urls.First() + "/");

    /// <summary>Pieces of a streamed answer.</summary>
    public int Pieces { get; set; } = 100;

    /// <summary>Starts it.</summary>
    public static async Task<StubModelServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new StubModelServer(app);
        app.Run(stub.HandleAsync);
        await app.StartAsync();
        return stub;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Method == "GET")
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"object":"list","data":[{"id":"stub","object":"model","created":1,"edgecoder":{"available":true,"provenContext":32768,"tools":true,"digest":"unpinned","reach":"this-machine","provider":"openai-compatible/stub","active":true}}]}""");
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (body.ToArray().AsSpan().IndexOf("\"stream\":true"u8) < 0)
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = Whole.Length;
            await context.Response.Body.WriteAsync(Whole);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        for (var n = 0; n < Pieces; n++)
        {
            var piece = string.Create(CultureInfo.InvariantCulture, $"data: {{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"stub\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{Stopwatch.GetTimestamp()} \"}},\"finish_reason\":null}}]}}\n\n");
            await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(piece));
            await context.Response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }

        await context.Response.WriteAsync("data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"stub\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    }
}
