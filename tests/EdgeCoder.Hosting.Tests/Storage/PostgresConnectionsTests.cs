using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EdgeCoder.Hosting.Tests.Storage;

/// <summary>A server has a number of connections for all its clients (<c>max_connections</c>). Here a role has one, which the server refuses with the same code.</summary>
public sealed class PostgresConnectionsTests
{
    // The writer's, and that which made the tables: it is closed, but the server counts it until its process there has ended.
    private const int Others = 2;

    [Fact]
    public async Task Any_number_of_reads_share_the_connections_of_the_process()
    {
        var refusals = new RefusalLog();
        await using var store = await StoreAsync(refusals);
        await LimitAsync(store, StoreSettings.ReadConnections + Others);

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => Task.Run(() => ReadAsync(store)))), count => Assert.Equal(1, count));
        Assert.Equal(0, refusals.Count);
    }

    [Fact]
    public async Task Read_waits_for_a_server_that_has_no_connection_left()
    {
        var refusals = new RefusalLog();
        await using var store = await StoreAsync(refusals);
        await LimitAsync(store, 1);
        var read = ReadAsync(store);
        await refusals.First;
        Assert.False(read.IsCompleted);
        await LimitAsync(store, Others + 1);
        Assert.Equal(1, await read);
    }

    [Fact]
    public async Task End_of_the_store_gives_its_connections_back()
    {
        NpgsqlConnectionStringBuilder database;
        await using (var store = await StoreAsync(new()))
        {
            database = ConnectionOf(store);
            await ReadAsync(store);
        }

        // Answers when the server has ended the last of them.
        while (await ServerAsync(database, $"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database.Database}'") is not 0L)
        {
            await Task.Yield();
        }
    }

    private static async Task<int> ReadAsync(ServiceProvider store)
    {
        await using var context = store.GetRequiredService<IDbContextFactory<SampleContext>>().CreateDbContext();
        return await context.Set<SampleRow>().CountAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<ServiceProvider> StoreAsync(RefusalLog refusals)
    {
        var database = new NpgsqlConnectionStringBuilder(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        await ServerAsync(database, $"CREATE ROLE of_{database.Database} LOGIN; ALTER DATABASE {database.Database} OWNER TO of_{database.Database}");
        database.Username = $"of_{database.Database}";
        var store = new ServiceCollection().AddLogging(logs => logs.AddProvider(refusals)).AddStore<SampleContext>(StoreSettings.OnServer(database.ToString())).BuildServiceProvider();
        store.GetRequiredService<StoreOpening>().Open();
        await store.GetRequiredService<IStoreWriter>().WriteAsync(batch => batch.TryInsert(new SampleRow { Id = "one" }), TestContext.Current.CancellationToken);
        return store;
    }

    private static Task LimitAsync(ServiceProvider store, int connections) => ServerAsync(store, $"ALTER ROLE of_{DatabaseOf(store)} CONNECTION LIMIT {connections}");

    private static Task<object?> ServerAsync(ServiceProvider store, string sql) => ServerAsync(ConnectionOf(store), sql);

    private static NpgsqlConnectionStringBuilder ConnectionOf(ServiceProvider store) => new(store.GetRequiredService<StoreSettings>().ConnectionString);

    private static string? DatabaseOf(ServiceProvider store) => ConnectionOf(store).Database;

    private static async Task<object?> ServerAsync(NpgsqlConnectionStringBuilder database, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder { Host = database.Host, Username = "edgecoder", Database = "postgres" }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Hears that a read was refused a connection.</summary>
    private sealed class RefusalLog : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task First => _first.Task;

        public int Count => Volatile.Read(ref _count);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains(PostgresErrorCodes.TooManyConnections, StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _count);
                _first.TrySetResult();
            }
        }

        public void Dispose()
        {
        }
    }
}
