using System.Runtime.CompilerServices;
using EdgeCoder.Inference.Local.Worker;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Local.Client;

/// <summary>
/// A model in a worker process. The process is started when it is first needed, and started again when it died or was killed because it hung:
/// the requests of that life fail, the next one finds a new life. A crash is never repeated by itself.
/// </summary>
/// <param name="path">The model file.</param>
/// <param name="sha256">Its digest, checked before each load; null for a file that nobody vouched for.</param>
/// <param name="options">How the process is started and when it is given up.</param>
/// <param name="time">The clock.</param>
internal sealed class LlamaWorkerClient(string path, string? sha256, LlamaWorkerOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private WorkerProcess? _process;
    private LoadedReply? _loaded;

    /// <summary>Id of the process, 0 when there is none. For tests and diagnosis.</summary>
    public int ProcessId => _process is { Ended.IsCompleted: false } process ? process.Id : 0;

    /// <summary>Opens the model, if it is not open.</summary>
    /// <exception cref="ModelException">Why it cannot be opened.</exception>
    public async Task<LoadedReply> OpenAsync(Action<float>? progress, CancellationToken cancellationToken) =>
        (await EnsureAsync(progress, cancellationToken).ConfigureAwait(false)).Loaded;

    /// <summary>Generates text. The last reply carries <see cref="WorkerReply.Generated"/>.</summary>
    public async IAsyncEnumerable<WorkerReply> GenerateAsync(GenerateArguments arguments, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (connection, _) = await EnsureAsync(progress: null, cancellationToken).ConfigureAwait(false);
        await foreach (var reply in connection.StreamAsync(id => new() { Id = id, Generate = arguments }, cancellationToken).ConfigureAwait(false))
        {
            yield return reply;
        }
    }

    /// <summary>Counts tokens with the model's own tokenizer.</summary>
    public async Task<int> CountAsync(string text, CancellationToken cancellationToken) =>
        (await AskAsync(id => new() { Id = id, Count = text }, cancellationToken).ConfigureAwait(false)).Count!.Value;

    /// <summary>Writes a conversation as the model reads it.</summary>
    public async Task<RenderedReply> RenderAsync(IReadOnlyList<WorkerTurn> turns, CancellationToken cancellationToken) =>
        (await AskAsync(id => new() { Id = id, Render = turns }, cancellationToken).ConfigureAwait(false)).Rendered!;

    /// <summary>Asks the worker how it is.</summary>
    public async Task<HealthReply> HealthAsync(CancellationToken cancellationToken) =>
        (await AskAsync(id => new() { Id = id, Health = true }, cancellationToken).ConfigureAwait(false)).Health!;

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        if (_process is not null)
        {
            await _process.DisposeAsync().ConfigureAwait(false);
        }

        _gate.Dispose();
        _closing.Dispose();
    }

    private async Task<WorkerReply> AskAsync(Func<long, WorkerRequest> request, CancellationToken cancellationToken)
    {
        var (connection, _) = await EnsureAsync(progress: null, cancellationToken).ConfigureAwait(false);
        return await connection.AskAsync(request, progress: null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(WorkerConnection Connection, LoadedReply Loaded)> EnsureAsync(Action<float>? progress, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_process is { Ended.IsCompleted: false } alive && _loaded is not null)
            {
                return (alive.Connection, _loaded);
            }

            await EndAsync().ConfigureAwait(false);
            _process = WorkerProcess.Start(options, time);
            _ = WatchAsync(_process, _closing.Token);
            _loaded = await LoadAsync(_process.Connection, progress, cancellationToken).ConfigureAwait(false);
            return (_process.Connection, _loaded);
        }
        catch (Exception)
        {
            // A load that failed or was given up leaves nothing worth keeping.
            _process?.Kill("the model was not opened");
            await EndAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<LoadedReply> LoadAsync(WorkerConnection connection, Action<float>? progress, CancellationToken cancellationToken)
    {
        var arguments = new LoadArguments { Path = path, Sha256 = sha256, ContextSize = options.ContextSize, Slots = options.Slots, Threads = options.Threads };
        var reply = await connection.AskAsync(id => new() { Id = id, Load = arguments }, update => progress?.Invoke(update.Progress ?? 0), cancellationToken).ConfigureAwait(false);
        return reply.Loaded ?? throw new ModelException("worker_gone", "The model process answered something else than was asked.");
    }

    private async Task EndAsync()
    {
        _loaded = null;
        if (_process is { } process)
        {
            _process = null;
            await process.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Looks after a life with open requests: silent for long, it is asked how it is; without an answer, or stuck in one step, it is killed.</summary>
    private async Task WatchAsync(WorkerProcess process, CancellationToken closing)
    {
        using var timer = new PeriodicTimer(options.WatchEvery, time);
        try
        {
            while (!process.Ended.IsCompleted && await timer.WaitForNextTickAsync(closing).ConfigureAwait(false))
            {
                if (process.Connection.HasOpenRequests && process.Connection.QuietFor >= options.Quiet
                    && await IsHungAsync(process.Connection, closing).ConfigureAwait(false) is { } reason)
                {
                    process.Kill(reason);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ModelException)
        {
            // Closing, or ended by itself: the connection says so to whoever waits.
        }
    }

    private async Task<string?> IsHungAsync(WorkerConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await connection.AskAsync(id => new() { Id = id, Health = true }, progress: null, cancellationToken)
                .WaitAsync(options.AnswerLimit, time, cancellationToken).ConfigureAwait(false);
            return reply.Health?.StepAgeMs > options.StepLimit.TotalMilliseconds ? "one step of the model did not end" : null;
        }
        catch (TimeoutException)
        {
            return "it did not answer any more";
        }
    }
}
