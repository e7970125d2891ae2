using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// A prepared statement, straight on SQLite's interface: through ADO.NET each statement costs several times what SQLite does for it, on the one thread that
/// all changes go through. As a <see cref="StoreRow"/> it is its own current row.
/// </summary>
internal sealed class SqliteStatement : StoreRow, IDisposable
{
    private const int MostStackBytes = 1024;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    // SQLite numbers named parameters as they appear; ours are numbered by name. 0: the text does not use it.
    private readonly int[] _places;

    public SqliteStatement(sqlite3 database, string sql, int values)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement, out var rest));
        if (!string.IsNullOrWhiteSpace(rest))
        {
            _statement.Dispose();
            throw new ArgumentException("One statement at a time.", nameof(sql));
        }

        _places = new int[values];
        for (var i = 0; i < values; i++)
        {
            _places[i] = raw.sqlite3_bind_parameter_index(_statement, $"${i + 1}");
        }
    }

    /// <summary>How many values it takes.</summary>
    public int Count => _places.Length;

    /// <summary>Runs to its end and gives the rows changed.</summary>
    public int Execute(ReadOnlySpan<object?> values)
    {
        try
        {
            Bind(values);
            while (Step())
            {
            }

            return raw.sqlite3_stmt_readonly(_statement) == 0 ? raw.sqlite3_changes(_database) : -1;
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Reads all rows.</summary>
    public List<T> Query<T>(Func<StoreRow, T> read, ReadOnlySpan<object?> values)
    {
        try
        {
            Bind(values);
            var rows = new List<T>();
            while (Step())
            {
                rows.Add(read(this));
            }

            return rows;
        }
        finally
        {
            Reset();
        }
    }

    public override bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public override string Text(int column) => NotNull(column) ? raw.sqlite3_column_text(_statement, column).utf8_to_string() : "";

    public override long Number(int column) => NotNull(column) ? raw.sqlite3_column_int64(_statement, column) : 0;

    public override byte[] Bytes(int column) => NotNull(column) ? raw.sqlite3_column_blob(_statement, column).ToArray() : [];

    public void Dispose() => _statement.Dispose();

    private bool NotNull(int column) => IsNull(column) ? throw new InvalidOperationException($"Column {column} is NULL.") : true;

    private bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code is not raw.SQLITE_ROW and not raw.SQLITE_DONE)
        {
            Check(code);
        }

        return code == raw.SQLITE_ROW;
    }

    private void Reset()
    {
        // What the last step failed with has been thrown already; a reset says it again.
        _ = raw.sqlite3_reset(_statement);
        _ = raw.sqlite3_clear_bindings(_statement);
    }

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (_places[i] is var place and not 0)
            {
                Check(Bind(place, values[i]));
            }
        }
    }

    private int Bind(int place, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(_statement, place),
        string text => BindText(place, text),
        long number => raw.sqlite3_bind_int64(_statement, place, number),
        int number => raw.sqlite3_bind_int64(_statement, place, number),
        bool flag => raw.sqlite3_bind_int64(_statement, place, flag ? 1 : 0),
        byte[] bytes => bytes.Length == 0 ? raw.sqlite3_bind_zeroblob(_statement, place, 0) : raw.sqlite3_bind_blob(_statement, place, bytes),
        double number => raw.sqlite3_bind_double(_statement, place, number),
        Enum member => BindText(place, EnumText.Of(member)),
        _ => throw new ArgumentException($"The store keeps no {value.GetType().Name}.", nameof(value)),
    };

    private int BindText(int place, string text)
    {
        // An empty span has no address and would be bound as NULL.
        if (text.Length == 0 || text.Length > MostStackBytes / 3)
        {
            return raw.sqlite3_bind_text(_statement, place, text);
        }

        Span<byte> bytes = stackalloc byte[MostStackBytes];
        return raw.sqlite3_bind_text(_statement, place, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _database);
}
