using System.Collections.Concurrent;
using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Local.Worker;

/// <summary>
/// The child process that holds a model. An assertion in the native library ends its process, so it is not the program's; and memory comes
/// back whole when a process ends. Requests and replies are lines of JSON, see <see cref="WorkerRequest"/> and <see cref="WorkerReply"/>.
/// </summary>
public static class LlamaWorker
{
    /// <summary>The argument that makes the program a worker.</summary>
    public const string Command = "llm-worker";

    /// <summary>Tokens reserved for an answer when the request names no limit.</summary>
    internal const int DefaultAnswer = 2048;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Serves until the input ends, which it does when the parent is gone. Returns then even while a native call is running, on a background
    /// thread, so that the process can end; its exit code is 0.
    /// </summary>
    public static async Task<int> RunAsync(Stream stdin, Stream stdout, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var lines = new LineStream(stdin, stdout);
        var running = new ConcurrentDictionary<long, CancellationTokenSource>();
        var model = new WorkerModel();
        try
        {
            while (await lines.ReadAsync(WorkerJson.Default.WorkerRequest, stopping.Token).ConfigureAwait(false) is { } request)
            {
                if (request.Cancel is { } number)
                {
                    await CancelAsync(running, number).ConfigureAwait(false);
                    continue;
                }

                // Known before the next line is read, which may cancel it.
                var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
                running[request.Id] = cancellation;

                // Elsewhere, because this loop must stay free for cancellations and for the end of the input.
                _ = Task.Run(() => ServeAsync(lines, model, running, request, cancellation, stopping.Token), CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop: as at the end of the input.
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            model.Close(Patience);
        }

        return 0;
    }

    private static async Task CancelAsync(ConcurrentDictionary<long, CancellationTokenSource> running, long number)
    {
        try
        {
            if (running.TryGetValue(number, out var cancellation))
            {
                await cancellation.CancelAsync().ConfigureAwait(false);
            }
        }
        catch (ObjectDisposedException)
        {
            // It ended just now.
        }
    }

    private static async Task ServeAsync(
        LineStream lines, WorkerModel model, ConcurrentDictionary<long, CancellationTokenSource> running, WorkerRequest request, CancellationTokenSource cancellation, CancellationToken stopping)
    {
        ValueTask Send(WorkerReply reply) => lines.WriteAsync(reply, WorkerJson.Default.WorkerReply, stopping);
        try
        {
            var last = await AnswerAsync(model, request, Send, cancellation.Token).ConfigureAwait(false);
            await Send(last).ConfigureAwait(false);
        }
        catch (Exception error) when (stopping.IsCancellationRequested || error is IOException or ObjectDisposedException)
        {
            // Nobody listens any more.
        }
        catch (Exception error)
        {
            await ReportAsync(Send, request.Id, error).ConfigureAwait(false);
        }
        finally
        {
            running.TryRemove(request.Id, out _);
            cancellation.Dispose();
        }
    }

    private static async Task ReportAsync(Func<WorkerReply, ValueTask> send, long id, Exception error)
    {
        var reply = error switch
        {
            OperationCanceledException => new WorkerReply { Id = id, Done = false },
            ModelException known => new WorkerReply { Id = id, Error = new(known.Code, known.Message, known.Hint) },
            _ => new WorkerReply { Id = id, Error = new("inference_failed", $"The model process failed: {error.GetType().Name}.", null) },
        };
        try
        {
            await send(reply).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The parent is gone; the end of the input says so too.
        }
    }

    private static async Task<WorkerReply> AnswerAsync(WorkerModel model, WorkerRequest request, Func<WorkerReply, ValueTask> send, CancellationToken cancellationToken)
    {
        switch (request)
        {
            case { Load: { } load }:
                var loaded = await model.LoadAsync(load, progress => send(new() { Id = request.Id, Progress = progress }), cancellationToken).ConfigureAwait(false);
                return new() { Id = request.Id, Loaded = loaded };
            case { Generate: { } generate }:
                var generated = await model.GenerateAsync(generate, text => send(new() { Id = request.Id, Text = text }), cancellationToken).ConfigureAwait(false);
                return new() { Id = request.Id, Generated = generated };
            case { Count: { } text }:
                return new() { Id = request.Id, Count = model.Count(text) };
            case { Render: { } turns }:
                return new() { Id = request.Id, Rendered = model.Render(turns) };
            case { Health: not null }:
                return new() { Id = request.Id, Health = model.Health() };
            case { Unload: not null }:
                model.Close(Timeout.InfiniteTimeSpan);
                return new() { Id = request.Id, Done = true };
            default:
                throw new ModelException("invalid_request", "The worker does not know this request.");
        }
    }
}
