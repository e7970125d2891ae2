using System.Collections.Concurrent;
using System.Text;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.TestKit.Wires;

/// <summary>One request and its answer, whole.</summary>
/// <param name="Method">Method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">Headers of the request.</param>
/// <param name="Body">Its body.</param>
/// <param name="Status">Status of the answer.</param>
/// <param name="AnswerHeaders">Headers of the answer.</param>
/// <param name="Answer">Its body, to its end or to where it broke.</param>
public sealed record Exchange(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body, int Status, IReadOnlyDictionary<string, string> AnswerHeaders, string Answer);

/// <summary>
/// Stands between a client and a server, passes requests on as they are and answers piece by piece as they come, and keeps both. It listens on loopback, or
/// on a socket in the file system, which a client reaches that has no network.
/// </summary>
public sealed class RecordedExchanges : IAsyncDisposable
{
    private static readonly string[] OfTheConnection = ["Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Content-Type", "Upgrade", "Proxy-Connection"];

    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Uri _behind;

    private RecordedExchanges(WebApplication app, Uri behind) => (_app, _behind) = (app, behind);

    /// <summary>Where it listens, when it listens on loopback.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>What has passed, in the order in which it ended.</summary>
    public ConcurrentQueue<Exchange> Exchanges { get; } = new();

    /// <summary>Starts one before a server.</summary>
    /// <param name="behind">The server.</param>
    /// <param name="socket">Path of the socket; null: a port of loopback.</param>
    public static async Task<RecordedExchanges> StartAsync(Uri behind, string? socket = null)
    {
        var builder = LoopbackApp.NewBuilder();
        if (socket is not null)
        {
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket));
        }

        var exchanges = new RecordedExchanges(builder.Build(), behind);
        exchanges._app.Run(exchanges.PassAsync);
        await exchanges._app.StartAsync();
        return exchanges;
    }

    /// <summary>Lets what passes pass to its end, and listens no more. For when the clients are gone: afterwards nothing is missing.</summary>
    public Task EndAsync() => _app.StopAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        try
        {
            await _app.StopAsync(soon.Token);
        }
        catch (OperationCanceledException)
        {
            // A client keeps its connection; disposing ends it.
        }

        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        var received = context.Request;
        using var body = new MemoryStream();
        await received.Body.CopyToAsync(body, context.RequestAborted);
        using var request = new HttpRequestMessage(new HttpMethod(received.Method), new Uri(_behind, received.Path + received.QueryString));
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", received.ContentType);
        }

        foreach (var (name, value) in received.Headers.Where(header => !OfTheConnection.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
        }

        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        var headers = answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in headers.Where(header => header.Key is not "Transfer-Encoding" and not "Connection"))
        {
            context.Response.Headers[name] = value;
        }

        using var kept = new MemoryStream();
        try
        {
            var stream = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
            var buffer = new byte[1 << 16];
            for (int read; (read = await stream.ReadAsync(buffer, context.RequestAborted)) > 0;)
            {
                kept.Write(buffer.AsSpan(0, read));
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        finally
        {
            Exchanges.Enqueue(new(
                received.Method,
                received.Path + received.QueryString,
                received.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                Encoding.UTF8.GetString(body.ToArray()),
                (int)answer.StatusCode,
                headers,
                Encoding.UTF8.GetString(kept.ToArray())));
        }
    }
}
