using System.Collections.Concurrent;
using System.Globalization;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.TestKit.Models;

/// <summary>What a file server does wrong.</summary>
public sealed record FileFault
{
    /// <summary>Cuts the connection after so many bytes of the body.</summary>
    public int? CutAfterBytes { get; init; }

    /// <summary>Changes the byte at this position of the file.</summary>
    public int? ChangedByteAt { get; init; }

    /// <summary>Never ends the body, and says no length.</summary>
    public bool Endless { get; init; }

    /// <summary>Says this length instead of the true one, and sends that many bytes.</summary>
    public int? WrongLength { get; init; }

    /// <summary>Answers only with this status.</summary>
    public int? Status { get; init; }

    /// <summary>Redirects there.</summary>
    public string? Location { get; init; }

    /// <summary>Takes no notice of ranges.</summary>
    public bool IgnoresRange { get; init; }

    /// <summary>Continues a range although the file changed, against If-Range.</summary>
    public bool IgnoresIfRange { get; init; }

    /// <summary>Answers every range with 416.</summary>
    public bool RefusesRange { get; init; }

    /// <summary>Sends no entity tag, or a weak one.</summary>
    public bool WeakTag { get; init; }

    /// <summary>Waits for this in the middle of the body.</summary>
    public Task? WaitFor { get; init; }
}

/// <summary>Serves one file over HTTP with ranges and validators (RFC 9110, 13 and 14), and with the faults that real mirrors and networks have.</summary>
public sealed class RangeFileServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RangeFileServer(byte[] content)
    {
        Content = content;
        var builder = LoopbackApp.NewBuilder();
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>The file.</summary>
    public byte[] Content { get; set; }

    /// <summary>Strong validator of the file.</summary>
    public string Tag { get; set; } = "\"v1\"";

    /// <summary>Faults of the next requests, in order; a request beyond them is served well.</summary>
    public ConcurrentQueue<FileFault> Faults { get; } = new();

    /// <summary>The <c>Range</c> header of every request so far; empty where there was none.</summary>
    public ConcurrentQueue<string> Ranges { get; } = new();

    /// <summary>Completes when a request has sent its first bytes and waits as <see cref="FileFault.WaitFor"/> says.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Address of the file.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>Starts a server for this file.</summary>
    public static async Task<RangeFileServer> StartAsync(byte[] content)
    {
        var server = new RangeFileServer(content);
        await server._app.StartAsync();
        server.Address = new(server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/model.gguf");
        return server;
    }

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
            // A request still waits; disposing ends it.
        }

        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var range = context.Request.Headers.Range.ToString();
        Ranges.Enqueue(range);
        Faults.TryDequeue(out var fault);
        fault ??= new();
        var response = context.Response;
        if (fault.Location is { } location)
        {
            response.Headers.Location = location;
        }

        if ((fault.Status ?? (fault.Location is null ? null : 302)) is { } status)
        {
            response.StatusCode = status;
            return;
        }

        var content = fault.ChangedByteAt is { } at ? [.. Content[..at], (byte)(Content[at] ^ 0x20), .. Content[(at + 1)..]] : Content;
        response.Headers.ETag = fault.WeakTag ? "W/" + Tag : Tag;
        var from = 0;
        if (range.StartsWith("bytes=", StringComparison.Ordinal) && !fault.IgnoresRange)
        {
            from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
            var same = fault.IgnoresIfRange || context.Request.Headers.IfRange.ToString() == Tag;
            if (fault.RefusesRange || (same && from >= content.Length))
            {
                response.StatusCode = 416;
                response.Headers.ContentRange = $"bytes */{content.Length}";
                return;
            }

            if (same)
            {
                response.StatusCode = 206;
                response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
            }
            else
            {
                from = 0;
            }
        }

        var body = content[from..];
        if (fault.WrongLength is { } wrong)
        {
            body = [.. body, .. new byte[Math.Max(0, wrong - body.Length)]];
            body = body[..wrong];
        }

        response.ContentLength = fault.Endless ? null : body.Length;
        var first = fault.CutAfterBytes ?? body.Length / 2;
        await response.Body.WriteAsync(body.AsMemory(0, Math.Min(first, body.Length)), context.RequestAborted);
        await response.Body.FlushAsync(context.RequestAborted);
        if (fault.CutAfterBytes is not null)
        {
            return; // Fewer bytes than announced: Kestrel closes the connection after them, without losing any on the way.
        }

        if (fault.WaitFor is { } wait)
        {
            Waiting.TrySetResult();
            await wait.WaitAsync(context.RequestAborted);
        }

        await response.Body.WriteAsync(body.AsMemory(first), context.RequestAborted);
        while (fault.Endless)
        {
            await response.Body.WriteAsync(new byte[65536], context.RequestAborted);
        }
    }
}
