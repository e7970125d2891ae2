using Microsoft.EntityFrameworkCore.Metadata;

namespace EdgeCoder.Hosting.Storage;

/// <summary>The statements of operations on the writer's connection, and what the database said to them.</summary>
internal sealed class StatementBatch(IModel model) : IStoreBatch
{
    private readonly Dictionary<Type, RowMap> _maps = [];
    private readonly HashSet<Type> _inserted = [];

    /// <summary>Connection of the current transaction.</summary>
    public StoreConnection Connection { get; set; } = null!;

    /// <summary>Whether the current operation may have changed something.</summary>
    public bool Wrote { get; private set; }

    /// <summary>First exception of the database in the current operation, even if the operation caught it: on PostgreSQL the transaction is spoiled then.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Kinds of rows that were inserted since the transaction began.</summary>
    public IReadOnlySet<Type> Inserted => _inserted;

    /// <summary>Another transaction begins.</summary>
    public void Forget() => _inserted.Clear();

    /// <summary>Another operation begins.</summary>
    public void Reset() => (Wrote, Fault) = (false, null);

    public int Execute(string sql, params ReadOnlySpan<object?> values)
    {
        Wrote = true;
        return Execute(sql, values, null);
    }

    public List<T> Query<T>(string sql, Func<StoreRow, T> read, params ReadOnlySpan<object?> values)
    {
        // INSERT … RETURNING reads and writes.
        Wrote |= !sql.AsSpan().TrimStart().StartsWith("SELECT", StringComparison.OrdinalIgnoreCase);
        try
        {
            return Connection.Query(sql, read, values);
        }
        catch (Exception fault) when (Connection.Classify(fault) is not null)
        {
            Fault ??= fault;
            throw;
        }
    }

    public void Insert<T>(T row)
        where T : class
    {
        Wrote = true;
        _inserted.Add(typeof(T));
        var (sql, _, values, types) = Map(typeof(T)).Insert(row);
        Execute(sql, values, types);
    }

    public bool TryInsert<T>(T row)
        where T : class
    {
        Wrote = true;
        _inserted.Add(typeof(T));
        var (_, sql, values, types) = Map(typeof(T)).Insert(row);
        return Execute(sql, values, types) == 1;
    }

    public int TryInsertAll<T>(params ReadOnlySpan<T> rows)
        where T : class
    {
        Wrote = true;
        _inserted.Add(typeof(T));
        var (sql, values, types) = Map(typeof(T)).InsertAll(rows);
        return Execute(sql, values, types);
    }

    private int Execute(string sql, ReadOnlySpan<object?> values, Type[]? types)
    {
        try
        {
            return Connection.Execute(sql, values, types);
        }
        catch (Exception fault) when (Connection.Classify(fault) is not null)
        {
            Fault ??= fault;
            throw;
        }
    }

    private RowMap Map(Type row)
    {
        if (!_maps.TryGetValue(row, out var map))
        {
            _maps.Add(row, map = RowMap.Of(model, row));
        }

        return map;
    }
}
