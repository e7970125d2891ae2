using System.Data;
using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// PostgreSQL at SERIALIZABLE: operations of several silos behave as if one ran after the other, as on SQLite. A batch holds a weak lock of one table, so
/// that a batch which met another one can take the strong lock and run alone: it always gets through. LOCK TABLE comes before the snapshot is
/// taken (PostgreSQL 13.3.2, "to achieve this when running a transaction at the REPEATABLE READ or SERIALIZABLE isolation level …").
/// </summary>
internal sealed class PostgresStoreConnection : StoreConnection
{
    private readonly NpgsqlConnection _connection;
    private readonly Dictionary<string, NpgsqlCommand> _statements = new(StringComparer.Ordinal);
    private NpgsqlTransaction? _transaction;
    private string _id = "";

    private PostgresStoreConnection(NpgsqlConnection connection) => _connection = connection;

    public override DbConnection Connection => _connection;

    public static new PostgresStoreConnection Open(StoreSettings settings)
    {
        var options = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false, MaxAutoPrepare = 256, AutoPrepareMinUsages = 2, Enlist = false };
        var connection = new NpgsqlConnection(options.ToString());
        try
        {
            connection.Open();
            var opened = new PostgresStoreConnection(connection);
            // Durability is our promise; a server's default does not weaken it.
            opened.Run("SET synchronous_commit = on");
            return opened;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public override void Begin(bool alone)
    {
        _transaction = _connection.BeginTransaction(IsolationLevel.Serializable);
        using var first = new NpgsqlBatch(_connection, _transaction)
        {
            BatchCommands =
            {
                new(alone ? $"LOCK TABLE {StoreSchema.Table} IN EXCLUSIVE MODE" : $"LOCK TABLE {StoreSchema.Table} IN ROW SHARE MODE"),
                new("SELECT pg_current_xact_id()::text"),
            },
        };
        using var reader = first.ExecuteReader();
        if (!reader.Read())
        {
            reader.NextResult();
            reader.Read();
        }

        _id = reader.GetString(0);
    }

    public override void Commit()
    {
        try
        {
            _transaction!.Commit();
        }
        catch (Exception fault) when (Classify(fault) == StoreFault.Unreachable)
        {
            throw new CommitUnknownException(_id, fault);
        }
        catch (PostgresException)
        {
            // A conflict that is seen only here: the server has ended the transaction, and it cannot be rolled back a second time.
            End();
            throw;
        }

        End();
    }

    public override bool? WasCommitted(string transaction)
    {
        using var command = new NpgsqlCommand("SELECT pg_xact_status($1::xid8)", _connection) { Parameters = { new NpgsqlParameter { Value = transaction, NpgsqlDbType = NpgsqlDbType.Text } } };
        return command.ExecuteScalar() switch
        {
            "committed" => true,
            "in progress" => null,
            _ => false,
        };
    }

    public override StoreFault? Classify(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } => StoreFault.Conflict,

        // 08 connection, 57P the server goes or is not ready, 53 out of connections, memory or disk, 58 input and output.
        PostgresException { SqlState: var state } => state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("57P", StringComparison.Ordinal)
            || state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("58", StringComparison.Ordinal)
            ? StoreFault.Unreachable
            : StoreFault.Statement,
        NpgsqlException { InnerException: IOException or System.Net.Sockets.SocketException or TimeoutException } => StoreFault.Unreachable,
        NpgsqlException => _connection.FullState.HasFlag(ConnectionState.Open) && !_connection.FullState.HasFlag(ConnectionState.Broken) ? StoreFault.Statement : StoreFault.Unreachable,
        InvalidOperationException or ObjectDisposedException when _connection.FullState is ConnectionState.Closed or ConnectionState.Broken => StoreFault.Unreachable,
        _ => null,
    };

    public override void Rollback()
    {
        var transaction = _transaction;
        _transaction = null;
        if (transaction is not null && _connection.FullState.HasFlag(ConnectionState.Open))
        {
            transaction.Rollback();
        }

        transaction?.Dispose();
    }

    private void End()
    {
        _transaction!.Dispose();
        _transaction = null;
    }

    public override int Execute(string sql, ReadOnlySpan<object?> values, Type[]? types) => Statement(sql, values, types).ExecuteNonQuery();

    public override List<T> Query<T>(string sql, Func<StoreRow, T> read, ReadOnlySpan<object?> values)
    {
        using var reader = Statement(sql, values, null).ExecuteReader();
        var rows = new List<T>();
        var row = new ReaderRow(reader);
        while (reader.Read())
        {
            rows.Add(read(row));
        }

        return rows;
    }

    protected override void Forget()
    {
        foreach (var command in _statements.Values)
        {
            command.Dispose();
        }

        _statements.Clear();
    }

    private NpgsqlCommand Statement(string sql, ReadOnlySpan<object?> values, Type[]? types)
    {
        if (!_statements.TryGetValue(sql, out var command))
        {
            if (_statements.Count >= MostStatements)
            {
                Forget();
            }

            command = new(sql, _connection);
            for (var i = 0; i < values.Length; i++)
            {
                command.Parameters.Add(Parameter(types?[i]));
            }

            _statements.Add(sql, command);
        }

        CheckCount(command.Parameters.Count, values.Length);
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

    private static NpgsqlParameter Parameter(Type? type)
    {
        var parameter = new NpgsqlParameter();
        if (type is not null && Types.TryGetValue(type, out var known))
        {
            parameter.NpgsqlDbType = known;
        }

        return parameter;
    }

    // Given for rows, so that a NULL has the type of its column and the statement stays prepared.
    private static readonly Dictionary<Type, NpgsqlDbType> Types = new()
    {
        [typeof(string)] = NpgsqlDbType.Text,
        [typeof(long)] = NpgsqlDbType.Bigint,
        [typeof(int)] = NpgsqlDbType.Integer,
        [typeof(bool)] = NpgsqlDbType.Boolean,
        [typeof(double)] = NpgsqlDbType.Double,
        [typeof(byte[])] = NpgsqlDbType.Bytea,
    };
}
