using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// Makes the tables of an empty store and refuses one of another version. All of it is one transaction under one lock: two processes that
/// start at the same moment, or a process killed meanwhile, leave a whole schema or none.
/// </summary>
public static class StoreSchema
{
    /// <summary>One row: the version of the schema. PostgreSQL's writers lock it, see <see cref="PostgresStoreConnection"/>.</summary>
    internal const string Table = "store_schema";

    /// <summary>The version that this program makes. It changes with the tables: StoreSchemaTests of each role knows their fingerprints.</summary>
    public const int Version = 1;

    // What EF Core derives from a model takes it longer than the database takes to run it. A process that opens many stores asks once.
    private static readonly ConcurrentDictionary<(Type Context, StoreKind Kind), string> Scripts = new();

    // Any number of our own; it names the lock.
    private const long Lock = 0x65646765636f6465;

    /// <summary>Makes or checks the schema.</summary>
    /// <exception cref="StoreRefusedException">The store is newer or older than the program.</exception>
    internal static void Prepare(StoreSettings settings, Func<DbContext> context)
    {
        if (settings.File is { } file)
        {
            OwnerOnly(file);
        }

        using var connection = StoreConnection.Open(settings);
        Run(connection.Connection, settings.Kind == StoreKind.Sqlite ? "BEGIN IMMEDIATE" : $"BEGIN; SELECT pg_advisory_xact_lock({Lock})");
        if (settings.Schema is { } schema)
        {
            Run(connection.Connection, $"CREATE SCHEMA IF NOT EXISTS {schema}");
        }

        Run(connection.Connection, $"CREATE TABLE IF NOT EXISTS {Table} (version integer NOT NULL)");
        if (Scalar(connection.Connection, $"SELECT max(version) FROM {Table}") is { } known)
        {
            if (known > Version)
            {
                throw new StoreRefusedException(
                    $"The store ({settings}) has schema version {known}; this program knows versions up to {Version}. Start the newer program that was used before, or restore the backup made before it.");
            }

            // There are no migrations yet: tables of an older version are not ours to guess at.
            if (known < Version)
            {
                throw new StoreRefusedException(
                    $"The store ({settings}) has schema version {known}; this program needs {Version} and cannot bring it forward. Start the older program that was used before, or give this one an empty store.");
            }
        }
        else
        {
            using var model = context();
            Run(connection.Connection, Scripts.GetOrAdd((model.GetType(), settings.Kind), _ => settings.Kind == StoreKind.Sqlite ? InKeyOrder(model) : model.Database.GenerateCreateScript()));
            Run(connection.Connection, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO {Table} (version) VALUES ({Version})"));
        }

        Run(connection.Connection, "COMMIT");
    }

    private static string InKeyOrder(DbContext context)
    {
        var script = context.Database.GenerateCreateScript();
        foreach (var type in context.Model.GetEntityTypes().Where(t => t.ClrType.IsDefined(typeof(KeyOrderAttribute), inherit: false)))
        {
            var begin = script.IndexOf($"CREATE TABLE \"{type.GetTableName()}\" (", StringComparison.Ordinal);
            var end = begin < 0 ? -1 : script.IndexOf(");", begin, StringComparison.Ordinal);
            script = end < 0 ? throw new InvalidOperationException($"No table was made for {type.ClrType.Name}.") : script.Insert(end + 1, " WITHOUT ROWID");
        }

        return script;
    }

    // The rows of others' work are nobody else's to read; SQLite gives its other files the mode of this one.
    private static void OwnerOnly(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(file, options).Dispose();
    }

    private static void Run(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static int? Scalar(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is { } value and not DBNull ? Convert.ToInt32(value, CultureInfo.InvariantCulture) : null;
    }
}
