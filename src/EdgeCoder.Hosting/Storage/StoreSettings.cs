using Microsoft.Data.Sqlite;
using Npgsql;

namespace EdgeCoder.Hosting.Storage;

/// <summary>Where a role's rows are. Not a record: a connection string holds a password and must not print itself.</summary>
public sealed class StoreSettings
{
    /// <summary>
    /// Most connections for reads of one process, unless <c>DATABASE_URL</c> says otherwise (<c>pool_max_conns</c>); its writer has one more. Whoever finds none free waits for
    /// one. A server gives 100 to all its clients by default: four silos fit.
    /// </summary>
    public const int ReadConnections = 20;

    private StoreSettings(StoreKind kind, string connectionString, string? file, string? schema = null) => (Kind, ConnectionString, File, Schema) = (kind, connectionString, file, schema);

    /// <summary>Which database.</summary>
    public StoreKind Kind { get; }

    /// <summary>For its driver. Secret: never logged or answered.</summary>
    public string ConnectionString { get; }

    /// <summary>The SQLite file; null for a server.</summary>
    public string? File { get; }

    /// <summary>Schema of the server's database that holds the tables, made when missing; null: the one that the connection has by itself. Roles that share a database each have their own.</summary>
    public string? Schema { get; }

    /// <summary>PostgreSQL when <c>DATABASE_URL</c> says so, else a SQLite file of the data directory.</summary>
    /// <param name="databaseUrl">Value of <c>DATABASE_URL</c>: <c>postgres://user:password@host:port/database?sslmode=…</c> or a connection string of Npgsql. Null or blank: SQLite.</param>
    /// <param name="dataDirectory">Absolute path; made when missing, for the owner only.</param>
    /// <param name="name">Name of the file without its ending, one per role.</param>
    /// <exception cref="FormatException">The value cannot be read. The message does not repeat it: it may hold a password.</exception>
    public static StoreSettings From(string? databaseUrl, string dataDirectory, string name = "coordinator") =>
        string.IsNullOrWhiteSpace(databaseUrl) ? InFile(Path.Combine(dataDirectory, name + ".db")) : OnServer(databaseUrl.Trim(), name == "coordinator" ? null : name);

    /// <summary>A SQLite file.</summary>
    public static StoreSettings InFile(string path)
    {
        var builder = new SqliteConnectionStringBuilder { DataSource = Path.GetFullPath(path), ForeignKeys = true, Mode = SqliteOpenMode.ReadWriteCreate, DefaultTimeout = 30 };
        return new(StoreKind.Sqlite, builder.ToString(), builder.DataSource);
    }

    /// <summary>A PostgreSQL server, by URL or connection string.</summary>
    /// <param name="databaseUrl">As for <see cref="From"/>.</param>
    /// <param name="schema">Lower-case letters; null: as the connection says.</param>
    /// <exception cref="FormatException">It cannot be read.</exception>
    public static StoreSettings OnServer(string databaseUrl, string? schema = null)
    {
        var builder = PostgresUrl.Read(databaseUrl);
        if (string.IsNullOrEmpty(builder.Host) || string.IsNullOrEmpty(builder.Database))
        {
            throw new FormatException("DATABASE_URL names no host or no database. Write postgres://user:password@host:5432/database.");
        }

        builder.ApplicationName ??= "edgecoder";
        if (!builder.Keys.Contains(PostgresUrl.PoolSize))
        {
            // The driver's own 100 is all that a server has.
            builder.MaxPoolSize = Math.Max(ReadConnections, builder.MinPoolSize);
        }

        if (schema is not null)
        {
            builder.SearchPath = schema;
        }

        return new(StoreKind.PostgreSql, builder.ToString(), null, schema);
    }

    /// <inheritdoc/>
    public override string ToString() => Kind == StoreKind.Sqlite ? $"SQLite file {File}" : "PostgreSQL";
}
