using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using EdgeCoder.Inference.Local.Worker;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Local.Client;

/// <summary>Many requests at once over one pair of streams to a worker.</summary>
internal sealed class WorkerConnection(Stream fromWorker, Stream toWorker, TimeProvider time) : IAsyncDisposable
{
    private readonly LineStream _lines = new(fromWorker, toWorker);
    private readonly ConcurrentDictionary<long, Channel<WorkerReply>> _open = new();
    private readonly Lock _ending = new();
    private Exception? _end;
    private long _lastId;
    private long _lastReply = time.GetTimestamp();

    /// <summary>Whether somebody waits for a reply.</summary>
    public bool HasOpenRequests => !_open.IsEmpty;

    /// <summary>How long ago the worker said something, or was asked first.</summary>
    public TimeSpan QuietFor => time.GetElapsedTime(Interlocked.Read(ref _lastReply));

    /// <summary>Reads replies until the worker's output ends. To be started once.</summary>
    public async Task ReadAsync()
    {
        try
        {
            while (await _lines.ReadAsync(WorkerJson.Default.WorkerReply, CancellationToken.None).ConfigureAwait(false) is { } reply)
            {
                Interlocked.Exchange(ref _lastReply, time.GetTimestamp());
                if (_open.TryGetValue(reply.Id, out var replies))
                {
                    replies.Writer.TryWrite(reply);
                }
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ObjectDisposedException or OperationCanceledException)
        {
            // Fail says why; whoever reads this connection's end adds the exit code.
        }
    }

    /// <summary>Fails all open requests and every later one.</summary>
    public void Fail(Exception reason)
    {
        lock (_ending)
        {
            _end ??= reason;
        }

        foreach (var replies in _open.Values)
        {
            replies.Writer.TryComplete(_end);
        }
    }

    /// <summary>Sends a request that has one reply, after any progress.</summary>
    public async Task<WorkerReply> AskAsync(Func<long, WorkerRequest> request, Action<WorkerReply>? progress, CancellationToken cancellationToken)
    {
        await foreach (var reply in StreamAsync(request, cancellationToken).ConfigureAwait(false))
        {
            if (reply.IsLast)
            {
                return reply;
            }

            progress?.Invoke(reply);
        }

        throw new UnreachableException("A stream of replies ends with a last one, or throws.");
    }

    /// <summary>Sends a request and gives its replies up to the last. Given up half-way, the worker is told to stop.</summary>
    /// <exception cref="ModelException">What the worker reports, or why it is gone.</exception>
    public async IAsyncEnumerable<WorkerReply> StreamAsync(Func<long, WorkerRequest> request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var id = Interlocked.Increment(ref _lastId);
        var replies = Open(id);
        var finished = false;
        try
        {
            await SendAsync(request(id)).ConfigureAwait(false);
            while (!finished && await replies.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false) && replies.Reader.TryRead(out var reply))
            {
                finished = reply.IsLast;
                if (reply.Error is { } error)
                {
                    throw new ModelException(error.Code, error.Message, error.Hint);
                }

                yield return reply;
            }
        }
        finally
        {
            _open.TryRemove(id, out _);
            if (!finished)
            {
                await CancelAsync(id).ConfigureAwait(false);
            }
        }
    }

    public ValueTask DisposeAsync() => _lines.DisposeAsync();

    private Channel<WorkerReply> Open(long id)
    {
        var replies = Channel.CreateUnbounded<WorkerReply>(new() { SingleReader = true, SingleWriter = true });
        lock (_ending)
        {
            if (_end is not null)
            {
                throw _end;
            }

            if (_open.IsEmpty)
            {
                // The silence before the first question is nobody's fault.
                Interlocked.Exchange(ref _lastReply, time.GetTimestamp());
            }

            _open[id] = replies;
        }

        return replies;
    }

    private async Task SendAsync(WorkerRequest request)
    {
        try
        {
            await _lines.WriteAsync(request, WorkerJson.Default.WorkerRequest, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The process ended. The reply channel says with what, as soon as that is known.
        }
    }

    private Task CancelAsync(long id) => _end is null ? SendAsync(new() { Id = 0, Cancel = id }) : Task.CompletedTask;
}
