using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// The connections over which a process reads its store, a bounded number on a server. They belong to the container: its end closes them, so that neither a
/// server's connections nor a file stay taken for as long as the process lives.
/// </summary>
internal sealed class ReadConnections(StoreSettings settings, ILogger<ConnectionPatience> logger) : IDisposable
{
    private readonly NpgsqlDataSource? _server = settings.Kind == StoreKind.PostgreSql ? NpgsqlDataSource.Create(settings.ConnectionString) : null;

    /// <summary>Lets a context read over them.</summary>
    public void Use(DbContextOptionsBuilder options)
    {
        if (_server is null)
        {
            options.UseSqlite(settings.ConnectionString);
        }
        else
        {
            options.UseNpgsql(_server).AddInterceptors(new ConnectionPatience(logger));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _server?.Dispose();
        if (_server is null)
        {
            // Otherwise they keep the file open, and the end of the process waits until each of them has brought its log into the file.
            using var pooled = new SqliteConnection(settings.ConnectionString);
            SqliteConnection.ClearPool(pooled);
        }
    }
}
