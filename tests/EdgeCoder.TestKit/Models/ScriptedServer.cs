using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.TestKit.Models;

/// <summary>A real HTTP server on loopback, on a port of the system's choice, that keeps what it was asked.</summary>
public abstract class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    /// <summary>Prepares the server; <see cref="ListenAsync"/> starts it.</summary>
    protected ScriptedServer()
    {
        var builder = LoopbackApp.NewBuilder();
        _app = builder.Build();
    }

    /// <summary>Address, with its port.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>Method, path and JSON body of every request so far, in order.</summary>
    public ConcurrentQueue<ServedRequest> Requests { get; } = new();

    /// <summary>Bytes of each write to the network; 1 splits every line and every UTF-8 character.</summary>
    public int BytesPerWrite { get; set; } = int.MaxValue;

    /// <summary>Completes when a client goes away in the middle of an answer.</summary>
    public Task ClientGone => _clientGone.Task;

    /// <summary>Completes when an answer has come to the place where it waits for its signal.</summary>
    public Task ClientWaits => _clientWaits.Task;

    private readonly TaskCompletionSource _clientWaits = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first request of a path is here.</summary>
    public Task FirstRequest(string path) => Arrival(path).Task;

    private TaskCompletionSource Arrival(string path) =>
        _arrivals.GetOrAdd(path, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _arrivals = new();

    private readonly TaskCompletionSource _clientGone = new(TaskCreationOptions.RunContinuationsAsynchronously);

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
            // A request still waits for its signal; disposing ends it.
        }

        await _app.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Answers one request.</summary>
    protected abstract Task HandleAsync(HttpContext context, ServedRequest request);

    /// <summary>Starts listening.</summary>
    protected async Task ListenAsync()
    {
        _app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            var request = new ServedRequest(
                context.Request.Method,
                context.Request.Path,
                body.Length == 0 ? default : JsonDocument.Parse(body).RootElement,
                context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
            Requests.Enqueue(request);
            Arrival(request.Path).TrySetResult();
            try
            {
                await HandleAsync(context, request);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                _clientGone.TrySetResult();
            }
        });
        await _app.StartAsync();
        Address = new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    /// <summary>Writes a record in pieces of <see cref="BytesPerWrite"/>.</summary>
    protected async Task WriteAsync(HttpContext context, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < bytes.Length; i += Math.Min(BytesPerWrite, bytes.Length - i))
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(i, Math.Min(BytesPerWrite, bytes.Length - i)), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    /// <summary>Answers with JSON.</summary>
    protected static Task JsonAsync(HttpContext context, int status, object body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body, context.RequestAborted);
    }

    /// <summary>Answers as the fault says, when it strikes before the first piece.</summary>
    protected static async Task<bool> FailBeforeAnswerAsync(HttpContext context, ScriptedFault? fault, Func<string, object> errorBody)
    {
        if (fault?.Status is not { } status)
        {
            return false;
        }

        if (fault.Location is { } location)
        {
            context.Response.Headers.Location = location;
        }

        await JsonAsync(context, status, errorBody(fault.Message));
        return true;
    }

    /// <summary>Waits or stops in mid-stream as the fault says. True when the stream is over.</summary>
    protected async Task<bool> FailAtPieceAsync(HttpContext context, ScriptedFault? fault, int piece, Func<string, string> errorRecord)
    {
        if (fault is null)
        {
            return false;
        }

        if (fault.WaitFor is { } wait && piece == fault.WaitBeforePiece)
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            _clientWaits.TrySetResult();
            await wait.WaitAsync(context.RequestAborted);
        }

        if (piece == fault.ErrorAfterPieces)
        {
            await WriteAsync(context, errorRecord(fault.Message));
            return true;
        }

        if (piece == fault.CutAfterPieces)
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
            return true;
        }

        return piece == fault.EndAfterPieces;
    }
}

/// <summary>A request that a scripted server got.</summary>
public sealed record ServedRequest(string Method, string Path, JsonElement Body, IReadOnlyDictionary<string, string> Headers);
