using System.Data.Common;

namespace EdgeCoder.Hosting.Storage;

/// <summary>The writer's own connection. Used by its thread only; synchronous, because that thread has nothing else to do.</summary>
internal abstract class StoreConnection : IDisposable
{
    // Dynamic statements (lists of values) must not fill memory.
    private const int MostStatements = 512;

    private readonly Dictionary<string, DbCommand> _statements = new(StringComparer.Ordinal);

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

    /// <summary>A prepared statement with its values set.</summary>
    public DbCommand Statement(string sql, ReadOnlySpan<object?> values, Type[]? types)
    {
        if (!_statements.TryGetValue(sql, out var command))
        {
            if (_statements.Count >= MostStatements)
            {
                Forget();
            }

            command = Connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < values.Length; i++)
            {
                command.Parameters.Add(Parameter(i, types?[i]));
            }

            _statements.Add(sql, command);
        }

        if (command.Parameters.Count != values.Length)
        {
            throw new ArgumentException($"The statement has {command.Parameters.Count} values elsewhere and {values.Length} here.", nameof(values));
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] switch
            {
                null => DBNull.Value,
                Enum value => EnumText.Of(value),
                var value => value,
            };
        }

        return command;
    }

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
        Forget();
        Connection.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A parameter for one position.</summary>
    protected abstract DbParameter Parameter(int position, Type? type);

    /// <summary>Runs a statement without values.</summary>
    protected void Run(string sql) => Statement(sql, [], null).ExecuteNonQuery();

    private void Forget()
    {
        foreach (var command in _statements.Values)
        {
            command.Dispose();
        }

        _statements.Clear();
    }
}
