using EdgeCoder.Hosting.Problems;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// Group commit (ARCHITECTURE 2) on one plain thread:
/// 1. take all operations that wait, up to 1,024; 2. run them in one transaction; 3. when one fails after it changed something, roll back and run them
/// again with a savepoint each, so that it alone fails; 4. commit; 5. complete the callers, refused ones too: what they were refused for is
/// durable only now. A batch that met another writer runs again, alone; one that lost its connection runs again on a new one, after the server was asked
/// whether the lost commit took place.
/// </summary>
internal sealed partial class StoreWriter : IStoreWriter, IStoreWatch, IDisposable
{
    private const int MostOperations = 1024;

    // How long callers wait for a database that is away, before they are told so.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PatienceAtTheEnd = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<PendingOperation> _waiting = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly ManualResetEventSlim _closing = new();
    private readonly StoreSettings _settings;
    private readonly Action _prepare;
    private readonly TimeProvider _time;
    private readonly ILogger<StoreWriter> _logger;
    private readonly StatementBatch _batch;
    private readonly Thread _thread;
    private StoreConnection? _connection;
    private (Type Row, Action Told)[] _watches = [];
    private bool _closed;

    /// <param name="settings">Where.</param>
    /// <param name="model">The rows.</param>
    /// <param name="prepare">Makes or checks the schema; called before the first connection.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public StoreWriter(StoreSettings settings, IModel model, Action prepare, TimeProvider time, ILogger<StoreWriter> logger)
    {
        (_settings, _prepare, _time, _logger) = (settings, prepare, time, logger);
        _batch = new(model);
        // A plain thread belongs to no scheduler: a grain's turn that happens to make the writer is not captured by it.
        _thread = new(Loop) { IsBackground = true, Name = "store writer" };
        _thread.UnsafeStart();
    }

    /// <inheritdoc/>
    public Task<T> WriteAsync<T>(Func<IStoreBatch, T> operation, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var pending = new PendingOperation<T>(OperationCondition.Current is { } condition ? condition.Guard(operation) : operation, cancellationToken);
        bool first;
        lock (_gate)
        {
            if (_closed)
            {
                return Task.FromException<T>(Unavailable("The program is ending."));
            }

            first = _waiting.Count == 0;
            _waiting.Enqueue(pending);
        }

        if (first)
        {
            _arrived.Release();
        }

        return pending.Result;
    }

    /// <inheritdoc/>
    public void Watch<T>(Action told)
        where T : class
    {
        lock (_gate)
        {
            Volatile.Write(ref _watches, [.. _watches, (typeof(T), told)]);
        }
    }

    /// <summary>Takes no more operations, commits those that wait and closes the connection.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        _closing.Set();
        _arrived.Release();
        _thread.Join();
        _connection?.Dispose();
        _arrived.Dispose();
        _closing.Dispose();
    }

    private void Loop()
    {
        var batch = new List<PendingOperation>(MostOperations);
        while (Take(batch))
        {
            try
            {
                Commit(batch);
            }
            catch (Exception fault)
            {
                // Nothing was committed; the connection is in doubt.
                LogBatchFailed(fault, batch.Count);
                Drop();
                Fail(batch, fault is StoreRefusedException ? fault : Unavailable("The store did not take the change. Try again; the coordinator's log tells why."));
            }
        }
    }

    /// <summary>Waits for operations; false when the writer is closed and none wait.</summary>
    private bool Take(List<PendingOperation> batch)
    {
        batch.Clear();
        while (true)
        {
            lock (_gate)
            {
                while (batch.Count < MostOperations && _waiting.TryDequeue(out var pending))
                {
                    if (!pending.IsAbandoned)
                    {
                        batch.Add(pending);
                    }
                }

                if (batch.Count > 0)
                {
                    return true;
                }

                if (_closed)
                {
                    return false;
                }
            }

            _arrived.Wait();
        }
    }

    private void Commit(List<PendingOperation> batch)
    {
        var began = _time.GetTimestamp();
        var pause = FirstPause;
        var alone = false;
        var careful = false;
        string? unknown = null;
        while (true)
        {
            try
            {
                var connection = Connected();
                if (unknown is not null)
                {
                    switch (connection.WasCommitted(unknown))
                    {
                        case true:
                            Tell();
                            Complete(batch);
                            return;
                        case null:
                            Wait(ref pause);
                            continue;
                        default:
                            unknown = null;
                            break;
                    }
                }

                connection.Begin(alone);
                _batch.Forget();
                if (!RunAll(batch, careful))
                {
                    connection.Rollback();
                    careful = true;
                    continue;
                }

                connection.Commit();
                Tell();
                Complete(batch);
                return;
            }
            catch (CommitUnknownException fault) when (!IsOver(began))
            {
                LogConnectionLost(fault);
                unknown = fault.Transaction;
                Drop();
            }
            catch (Exception fault) when (Classify(fault) == StoreFault.Conflict && !IsOver(began))
            {
                LogConflict(batch.Count);
                alone = true;
                Rollback();
            }
            catch (Exception fault) when (Classify(fault) == StoreFault.Unreachable && !IsOver(began))
            {
                LogConnectionLost(fault);
                Drop();
                Wait(ref pause);
            }
        }
    }

    /// <summary>Runs a batch. False: an operation failed in the middle of its changes, and without savepoints only a rollback of all takes them back.</summary>
    private bool RunAll(List<PendingOperation> batch, bool careful)
    {
        _batch.Connection = _connection!;
        foreach (var operation in batch)
        {
            if (operation.IsAbandoned)
            {
                continue;
            }

            if (careful)
            {
                _connection!.BeginOperation();
            }

            Run(operation);
            if (_batch.Fault is { } fault && Classify(fault) is StoreFault.Conflict or StoreFault.Unreachable)
            {
                throw _batch.Fault;
            }

            if (careful)
            {
                if (operation.Fault is null)
                {
                    _connection!.EndOperation();
                }
                else
                {
                    _connection!.RollbackOperation();
                }
            }
            else if (operation.Fault is not null && (_batch.Wrote || _batch.Fault is not null))
            {
                return false;
            }
        }

        return true;
    }

    private void Run(PendingOperation operation)
    {
        operation.Fault = null;
        _batch.Reset();
        try
        {
            operation.Run(_batch);
            operation.Fault = _batch.Fault;
        }
        catch (Exception fault)
        {
            operation.Fault = fault;
        }
    }

    private StoreConnection Connected()
    {
        if (_connection is null)
        {
            _prepare();
            _connection = StoreConnection.Open(_settings);
        }

        return _connection;
    }

    private StoreFault? Classify(Exception fault) => _connection is not null ? _connection.Classify(fault)
        : fault is Npgsql.NpgsqlException { InnerException: not null } or Npgsql.PostgresException { SqlState: ['5', '7', 'P', ..] or ['5', '3', ..] } ? StoreFault.Unreachable
        : null;

    private bool IsOver(long began) => _time.GetElapsedTime(began) > (_closing.IsSet ? PatienceAtTheEnd : Patience);

    private void Wait(ref TimeSpan pause)
    {
        // A program that ends tries at once, so often as its patience allows.
        if (_closing.Wait(pause))
        {
            Thread.Yield();
        }

        pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
    }

    private void Rollback()
    {
        try
        {
            _connection!.Rollback();
        }
        catch (Exception fault) when (Classify(fault) is not null)
        {
            Drop();
        }
    }

    private void Drop()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private void Tell()
    {
        foreach (var (row, told) in Volatile.Read(ref _watches))
        {
            if (_batch.Inserted.Contains(row))
            {
                told();
            }
        }
    }

    private static void Complete(List<PendingOperation> batch)
    {
        foreach (var operation in batch)
        {
            operation.Complete();
        }
    }

    private static void Fail(List<PendingOperation> batch, Exception fault)
    {
        foreach (var operation in batch)
        {
            operation.Fault = fault;
            operation.Complete();
        }
    }

    private static Refusal Unavailable(string detail) => new(503, "storage_unavailable", detail) { RetryAfter = 5 };
}
