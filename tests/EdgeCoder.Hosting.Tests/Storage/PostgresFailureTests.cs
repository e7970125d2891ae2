using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Npgsql;

namespace EdgeCoder.Hosting.Tests.Storage;

/// <summary>What only a server can do to its client.</summary>
public sealed class PostgresFailureTests
{
    private const string Add = "UPDATE samples SET count = count + 1 WHERE id = 'sum'";
    private const string Sum = "SELECT count FROM samples WHERE id = 'sum'";

    [Fact]
    public async Task Connection_that_ends_within_a_batch_costs_no_operation_and_repeats_none()
    {
        using var store = await StoreAsync(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        var ended = false;
        var writes = Enumerable.Range(0, 200).Select(i => store.WriteAsync(b =>
        {
            b.Execute(Add);
            if (i == 100 && !ended)
            {
                ended = true;
                b.Query("SELECT pg_terminate_backend(pg_backend_pid())", _ => 0);
            }

            return b.TryInsert(new SampleRow { Id = $"row-{i}" });
        }));

        Assert.All(await Task.WhenAll(writes), Assert.True);
        Assert.True(ended);
        Assert.Equal([200], await store.WriteAsync(b => b.Query(Sum, r => r.Number(0))));
    }

    [Fact]
    public async Task Commit_whose_answer_was_lost_is_answered_as_done_and_is_done_once()
    {
        using var directory = new TemporaryDirectory();
        var cluster = await PostgresCluster.SharedAsync();
        var database = new NpgsqlConnectionStringBuilder(await cluster.CreateDatabaseAsync());
        await using var cutter = new CommitCutter(directory.Path, cluster.SocketDirectory);
        database.Host = directory.Path;
        using (var store = await StoreAsync(database.ToString()))
        {
            cutter.Arm();
            Assert.Equal(7, await store.WriteAsync(b => b.Execute(Add) + 6));
            Assert.Equal(1, cutter.Cuts);
            Assert.Equal([1], await store.WriteAsync(b => b.Query(Sum, r => r.Number(0))));
        }
    }

    [Fact]
    public async Task Commit_that_the_server_took_back_is_done_again()
    {
        using var store = await StoreAsync(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        await store.WriteAsync(b =>
        {
            // Ends the connection within COMMIT, the first time.
            b.Execute("CREATE SEQUENCE tries");
            b.Execute(
                """
                CREATE FUNCTION interrupt() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN IF nextval(''tries'') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END'
                """);
            b.Execute("CREATE CONSTRAINT TRIGGER interrupt AFTER UPDATE ON samples DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION interrupt()");
        });

        Assert.Equal(1, await store.WriteAsync(b => b.Execute(Add)));
        Assert.Equal([1], await store.WriteAsync(b => b.Query(Sum, r => r.Number(0))));
        Assert.Equal([2], await store.WriteAsync(b => b.Query("SELECT last_value FROM tries", r => r.Number(0))));
    }

    [Fact]
    public async Task Server_that_crashes_and_comes_back_has_everything_that_was_answered_and_nothing_twice()
    {
        await using var cluster = await PostgresCluster.StartAsync(durable: true);
        using var store = await StoreAsync(await cluster.CreateDatabaseAsync());
        for (var crash = 0; crash < 3; crash++)
        {
            var some = new TaskCompletionSource();
            var writes = Enumerable.Range(0, 2_500).Select(i => store.WriteAsync(b =>
            {
                b.Execute(Add);
                if (i == 1_200)
                {
                    some.TrySetResult();
                }

                return b.TryInsert(new SampleRow { Id = $"row-{crash}-{i}" });
            })).ToArray();

            await some.Task;
            await cluster.CrashAsync();
            await cluster.StartAgainAsync();
            Assert.All(await Task.WhenAll(writes), Assert.True);
        }

        Assert.Equal([(7_500, 7_501)], await store.WriteAsync(b => b.Query($"SELECT ({Sum}), (SELECT count(*) FROM samples)", r => (r.Number(0), r.Number(1)))));
    }

    [Fact]
    public async Task Sum_is_exceeded_where_writers_do_not_serialize()
    {
        // The bug that SERIALIZABLE keeps out, planted: the same read-then-insert at READ COMMITTED, twice at one moment.
        var database = await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        using var store = await StoreAsync(database);
        await using var one = new NpgsqlConnection(database);
        await using var two = new NpgsqlConnection(database);
        foreach (var connection in new[] { one, two })
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await RunAsync(connection, "BEGIN");
            Assert.Equal(0L, await RunAsync(connection, "SELECT coalesce(sum(count), 0) FROM samples WHERE id <> 'sum'"));
        }

        foreach (var (connection, id) in new[] { (one, "a"), (two, "b") })
        {
            await RunAsync(connection, $"INSERT INTO samples (id, state, count, flag) VALUES ('{id}', 'ready', 500, false)");
            await RunAsync(connection, "COMMIT");
        }

        Assert.Equal([1_000], await store.WriteAsync(b => b.Query("SELECT sum(count) FROM samples", r => r.Number(0))));
    }

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<StoreUnderTest> StoreAsync(string database)
    {
        var store = new StoreUnderTest(StoreSettings.OnServer(database));
        await store.WriteAsync(b => b.Insert(new SampleRow { Id = "sum" }));
        return store;
    }
}
