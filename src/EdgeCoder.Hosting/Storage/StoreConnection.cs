using System.Data.Common;

namespace EdgeCoder.Hosting.Storage;

/// <summary>The writer's own connection. Used by its thread only; synchronous, because that thread has nothing else to do.</summary>
internal abstract class StoreConnection : IDisposable
{
    /// <summary>Kept statements: dynamic ones (lists of values) must not fill memory.</summary>
    protected const int MostStatements = 512;

    /// <summary>Opens a connection; throws what <see cref="Classify"/> knows.</summary>
    public static StoreConnection Open(StoreSettings settings) =>
        settings.Kind == StoreKind.Sqlite ? SqliteStoreConnection.Open(settings) : PostgresStoreConnection.Open(settings);

    /// <summary>The driver's connection.</summary>
    public abstract DbConnection Connection { get; }

    /// <summary>Starts a transaction as if no other writer existed; <paramref name="alone"/> makes that true, for a batch that met another one.</summary>
    public abstract void Begin(bool alone);

    /// <summary>Makes the transaction durable.</summary>
    /// <exception cref="CommitUnknownException">The connection broke meanwhile.</exception>
    public abstract void Commit();

    /// <summary>Whether an unknown commit took place; null: the server does not know yet.</summary>
    public abstract bool? WasCommitted(string transaction);

    /// <summary>Means of an exception of this driver; null when it is not one of its.</summary>
    public abstract StoreFault? Classify(Exception exception);

    /// <summary>Runs a statement, prepared once and kept, and gives the rows affected. With <paramref name="types"/> a NULL has the type of its column.</summary>
    public abstract int Execute(string sql, ReadOnlySpan<object?> values, Type[]? types);

    /// <summary>Runs a statement, prepared once and kept, and reads its rows.</summary>
    public abstract List<T> Query<T>(string sql, Func<StoreRow, T> read, ReadOnlySpan<object?> values);

    /// <summary>Gives up the transaction. The connection may be broken by then.</summary>
    public abstract void Rollback();

    /// <summary>Marks the place to which <see cref="RollbackOperation"/> goes back.</summary>
    public void BeginOperation() => Run("SAVEPOINT operation");

    /// <summary>Keeps what the operation changed.</summary>
    public void EndOperation() => Run("RELEASE SAVEPOINT operation");

    /// <summary>Takes back what the operation changed, and nothing else.</summary>
    public void RollbackOperation()
    {
        Run("ROLLBACK TO SAVEPOINT operation");
        Run("RELEASE SAVEPOINT operation");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        StopBeside();
        Forget();
        Connection.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs a statement without values.</summary>
    protected void Run(string sql) => Execute(sql, [], null);

    /// <summary>Ends what goes on beside the connection.</summary>
    protected virtual void StopBeside()
    {
    }

    /// <summary>Frees the kept statements.</summary>
    protected abstract void Forget();

    /// <summary>The same text always has the same number of values.</summary>
    protected static void CheckCount(int expected, int given)
    {
        if (expected != given)
        {
            throw new ArgumentException($"The statement has {expected} values elsewhere and {given} here.", nameof(given));
        }
    }
}
