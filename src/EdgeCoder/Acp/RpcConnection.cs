using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;

namespace EdgeCoder.Acp;

/// <summary>
/// JSON-RPC 2.0 with one message a line, in both directions at once. Whatever came in, the connection goes on; only its end ends it, and then every
/// request that waits for an answer fails, so an approval cannot outlive the client that was asked (agent-executor-models 2.5).
/// </summary>
internal sealed class RpcConnection(Stream input, Stream output) : IDisposable
{
    private const int MostBytes = 64 << 20;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _asked = new();
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _answering = new();
    private long _id;

    /// <summary>Cancelled when the other side is gone.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>Reads until the other side closes, then waits for the answers that are being made.</summary>
    public async Task RunAsync(IRpcHandler handler, CancellationToken cancellationToken)
    {
        var work = new ConcurrentDictionary<Task, bool>();
        var reader = PipeReader.Create(input, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            while (await LineAsync(reader, cancellationToken) is { } line)
            {
                if (Receive(handler, line) is { IsCompleted: false } answer)
                {
                    work[answer] = true;
                    _ = answer.ContinueWith(done => work.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                }
            }
        }
        catch (IOException)
        {
            // The other side is gone; that is the end too.
        }
        finally
        {
            await CloseAsync();
            await Task.WhenAll(work.Keys);
        }
    }

    /// <summary>Asks the other side. Throws <see cref="RpcException"/> for its error, <see cref="IOException"/> when it is gone.</summary>
    public async Task<JsonElement> RequestAsync(string method, byte[] parameters, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _id);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        try
        {
            if (_closed.IsCancellationRequested)
            {
                throw new IOException("The client is gone.");
            }

            await SendAsync(RpcMessage.Request(id, method, parameters));
            return await answer.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await SendAsync(RpcMessage.Notification("$/cancel_request", RpcMessage.CancelParameters(id)));
            throw;
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    /// <summary>Tells the other side; nothing happens when it is gone.</summary>
    public Task NotifyAsync(string method, byte[] parameters) => SendAsync(RpcMessage.Notification(method, parameters));

    /// <inheritdoc/>
    public void Dispose()
    {
        _closed.Dispose();
        _writing.Dispose();
    }

    private async Task CloseAsync()
    {
        // Every answer that is being made is cancelled with it.
        await _closed.CancelAsync();
        foreach (var asked in _asked.Values)
        {
            asked.TrySetException(new IOException("The client is gone."));
        }
    }

    private static async Task<byte[]?> LineAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            // A read of standard input cannot be called back; it is left to end by itself.
            var read = await reader.ReadAsync(CancellationToken.None).AsTask().WaitAsync(cancellationToken);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = read.Buffer.Slice(0, end).ToArray();
                reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line;
            }

            if (read.IsCompleted || read.Buffer.Length > MostBytes)
            {
                return null;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    // Gives the task of a request's answer.
    private Task? Receive(IRpcHandler handler, byte[] line)
    {
        if (line.AsSpan().Trim(" \t\r"u8).IsEmpty)
        {
            return null;
        }

        JsonElement message;
        try
        {
            using var document = JsonDocument.Parse(line);
            message = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return SendAsync(RpcMessage.Error(default, RpcException.ParseError, "That line is no JSON."));
        }

        if (message.ValueKind != JsonValueKind.Object)
        {
            return SendAsync(RpcMessage.Error(default, RpcException.InvalidRequest, "A message is one JSON object."));
        }

        var id = message.TryGetProperty("id", out var given) ? given : default;
        var parameters = message.TryGetProperty("params", out var found) ? found : default;
        if (message.TryGetProperty("method", out var method) && method.ValueKind == JsonValueKind.String)
        {
            if (id.ValueKind is JsonValueKind.Number or JsonValueKind.String)
            {
                return AnswerAsync(handler, id, method.GetString()!, parameters);
            }

            Take(handler, method.GetString()!, parameters);
            return null;
        }

        if (id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number) && _asked.TryRemove(number, out var asked))
        {
            Complete(asked, message);
            return null;
        }

        // An answer to nothing is left alone: it may be one that came too late.
        return id.ValueKind == JsonValueKind.Undefined ? SendAsync(RpcMessage.Error(default, RpcException.InvalidRequest, "That is neither a request nor an answer.")) : null;
    }

    private static void Complete(TaskCompletionSource<JsonElement> asked, JsonElement message)
    {
        if (message.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
        {
            var code = error.TryGetProperty("code", out var number) && number.TryGetInt32(out var known) ? known : RpcException.InternalError;
            asked.TrySetException(new RpcException(code, error.TryGetProperty("message", out var text) ? text.ToString() : "The client could not do it."));
        }
        else
        {
            asked.TrySetResult(message.TryGetProperty("result", out var result) ? result : default);
        }
    }

    private void Take(IRpcHandler handler, string method, JsonElement parameters)
    {
        if (method != "$/cancel_request")
        {
            handler.Take(method, parameters);
        }
        else if (parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("requestId", out var id) && _answering.TryGetValue(id.GetRawText(), out var answering))
        {
            try
            {
                answering.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It was answered just now.
            }
        }
    }

    private async Task AnswerAsync(IRpcHandler handler, JsonElement id, string method, JsonElement parameters)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
        _answering[id.GetRawText()] = stop;
        byte[] answer;
        Func<Task>? then = null;
        try
        {
            (var result, then) = await handler.AnswerAsync(method, parameters, stop.Token);
            answer = RpcMessage.Result(id, result);
        }
        catch (RpcException fault)
        {
            answer = RpcMessage.Error(id, fault.Code, fault.Message);
        }
        catch (JsonException fault)
        {
            answer = RpcMessage.Error(id, RpcException.InvalidParams, string.Create(CultureInfo.InvariantCulture, $"The parameters of {method} do not fit: {fault.Message}"));
        }
        catch (OperationCanceledException)
        {
            answer = RpcMessage.Error(id, RpcException.Cancelled, "Cancelled.");
        }
        catch (Exception fault)
        {
            // The other sessions of this connection go on.
            answer = RpcMessage.Error(id, RpcException.InternalError, fault.Message);
        }
        finally
        {
            _answering.TryRemove(id.GetRawText(), out _);
        }

        await SendAsync(answer);
        if (then is not null)
        {
            await then();
        }
    }

    private async Task SendAsync(byte[] message)
    {
        await _writing.WaitAsync();
        try
        {
            await output.WriteAsync(message);
            await output.FlushAsync();
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException)
        {
            // Nobody reads any more; the reading side notices the same and ends the connection.
        }
        finally
        {
            _writing.Release();
        }
    }
}
