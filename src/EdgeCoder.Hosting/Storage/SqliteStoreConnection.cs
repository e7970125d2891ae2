using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// SQLite in WAL mode with <c>synchronous=FULL</c>: a commit is on disk when it returns. Writers of other processes wait in
/// <c>BEGIN IMMEDIATE</c>, so a transaction that has begun meets nobody.
/// </summary>
internal sealed class SqliteStoreConnection : StoreConnection
{
    private const int Busy = 5;
    private const int Locked = 6;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private readonly SqliteCheckpoints _checkpoints;

    private SqliteStoreConnection(SqliteConnection connection) => (_connection, _checkpoints) = (connection, new(connection.ConnectionString));

    public override DbConnection Connection => _connection;

    public static new SqliteStoreConnection Open(StoreSettings settings)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(settings.ConnectionString) { Pooling = false }.ToString());
        try
        {
            connection.Open();
            var opened = new SqliteStoreConnection(connection);
            opened.Run("PRAGMA busy_timeout = 10000");
            opened.Run("PRAGMA journal_mode = WAL");
            opened.Run("PRAGMA synchronous = FULL");
            opened.Run("PRAGMA foreign_keys = ON");
            opened.Run("PRAGMA temp_store = MEMORY");
            opened.Run("PRAGMA cache_size = -65536");
            opened.Run("PRAGMA wal_autocheckpoint = 32768");
            opened.Run("PRAGMA journal_size_limit = 67108864");
            return opened;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public override void Begin(bool alone) => Run("BEGIN IMMEDIATE");

    public override void Commit()
    {
        Run("COMMIT");
        _checkpoints.Committed();
    }

    public override bool? WasCommitted(string transaction) => throw new InvalidOperationException("A commit to a file is never unknown.");

    public override StoreFault? Classify(Exception exception) => exception is not SqliteException fault ? null
        : fault.SqliteErrorCode is Busy or Locked ? StoreFault.Conflict
        : StoreFault.Statement;

    // A full disk or a failed write may have ended the transaction already.
    public override void Rollback()
    {
        if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            Run("ROLLBACK");
        }
    }

    public override int Execute(string sql, ReadOnlySpan<object?> values, Type[]? types) => Statement(sql, values.Length).Execute(values);

    public override List<T> Query<T>(string sql, Func<StoreRow, T> read, ReadOnlySpan<object?> values) => Statement(sql, values.Length).Query(read, values);

    protected override void Forget()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
    }

    protected override void StopBeside() => _checkpoints.Dispose();

    private SqliteStatement Statement(string sql, int values)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            if (_statements.Count >= MostStatements)
            {
                Forget();
            }

            _statements.Add(sql, statement = new(_connection.Handle!, sql, values));
        }

        CheckCount(statement.Count, values);
        return statement;
    }
}
