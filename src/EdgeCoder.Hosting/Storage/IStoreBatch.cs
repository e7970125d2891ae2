namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// What an operation may do inside the transaction of the store's writer. Statements are portable SQL (SQLite and PostgreSQL), with positional
/// parameters <c>$1</c>, <c>$2</c>, … and snake_case names; they are prepared once and kept. All calls are synchronous and run on the writer's thread.
/// </summary>
public interface IStoreBatch
{
    /// <summary>Runs one statement and gives the rows affected: 0 or 1 for a conditional update.</summary>
    int Execute(string sql, params ReadOnlySpan<object?> values);

    /// <summary>Reads rows. <paramref name="read"/> sees each row in turn.</summary>
    List<T> Query<T>(string sql, Func<StoreRow, T> read, params ReadOnlySpan<object?> values);

    /// <summary>Inserts a row of the model; the statement is made from EF Core's metadata.</summary>
    void Insert<T>(T row)
        where T : class;

    /// <summary>Inserts a row unless its key exists; gives whether it did.</summary>
    bool TryInsert<T>(T row)
        where T : class;

    /// <summary>Inserts rows whose keys do not exist, with one statement; gives how many.</summary>
    int TryInsertAll<T>(params ReadOnlySpan<T> rows)
        where T : class;
}

/// <summary>One row being read. Columns by position.</summary>
public abstract class StoreRow
{
    /// <summary>Whether a column is NULL.</summary>
    public abstract bool IsNull(int column);

    /// <summary>A text column.</summary>
    public abstract string Text(int column);

    /// <summary>An integer or boolean (0, 1) column.</summary>
    public abstract long Number(int column);

    /// <summary>A bytes column.</summary>
    public abstract byte[] Bytes(int column);
}

/// <summary>
/// The one writer of a store in this process (ARCHITECTURE 2): operations wait in a queue, one thread runs many of them in one durable transaction and
/// completes the callers after the commit. Never called with a grain's scheduler blocked.
/// </summary>
public interface IStoreWriter
{
    /// <summary>
    /// Runs an operation in the next transaction and gives its result once that is durable. When the operation throws, its own changes are rolled back
    /// and the exception reaches the caller; others of the batch are not affected. It may therefore run more than once and touches nothing but the
    /// batch. A cancelled caller stops waiting; the operation may still be committed.
    /// </summary>
    Task<T> WriteAsync<T>(Func<IStoreBatch, T> operation, CancellationToken cancellationToken);
}
