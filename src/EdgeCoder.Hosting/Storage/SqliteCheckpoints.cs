using Microsoft.Data.Sqlite;

namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// Copies the write-ahead log into the database beside the writer, on a thread and a connection of its own: a passive checkpoint waits for nobody and nobody waits
/// for it. SQLite's own, on the writer's thread, made every commit wait for the copy of some thousand pages and two fsyncs; it stays as the backstop that ends
/// the log when work never pauses, with little left to copy.
/// </summary>
internal sealed class SqliteCheckpoints(string connectionString) : IDisposable
{
    private const int CommitsPerCheckpoint = 64;

    private readonly AutoResetEvent _due = new(false);
    private Thread? _thread;
    private int _commits;
    private volatile bool _closed;

    /// <summary>A transaction was committed. On the writer's thread.</summary>
    public void Committed()
    {
        if (++_commits < CommitsPerCheckpoint)
        {
            return;
        }

        _commits = 0;
        if (_thread is null)
        {
            _thread = new(Loop) { IsBackground = true, Name = "store checkpoint" };
            _thread.UnsafeStart();
        }

        _due.Set();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closed = true;
        _due.Set();
        _thread?.Join();
        _due.Dispose();
    }

    private void Loop()
    {
        SqliteConnection? connection = null;
        while (true)
        {
            _due.WaitOne();
            if (_closed)
            {
                connection?.Dispose();
                return;
            }

            try
            {
                connection ??= Open();
                using var command = connection.CreateCommand();
                command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
                command.ExecuteNonQuery();
            }
            catch (SqliteException)
            {
                // Full disk, failed read: the writer meets it too and says so. The next round has a new connection.
                connection?.Dispose();
                connection = null;
            }
        }
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();

            // A page must be on disk in the database before the log that has it may be written over.
            command.CommandText = "PRAGMA synchronous = FULL";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
