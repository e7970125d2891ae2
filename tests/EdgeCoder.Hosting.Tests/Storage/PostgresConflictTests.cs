using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Postgres;
using Npgsql;

namespace EdgeCoder.Hosting.Tests.Storage;

public sealed class PostgresConflictTests
{
    [Fact]
    public async Task Conflict_that_the_server_sees_only_at_the_commit_lets_the_batch_run_again()
    {
        var settings = StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        using var first = PostgresStoreConnection.Open(settings);
        using var second = PostgresStoreConnection.Open(settings);
        Run(first, $"CREATE TABLE {StoreSchema.Table} (version integer); CREATE TABLE duties (doctor text PRIMARY KEY); INSERT INTO duties VALUES ('a'), ('b')");

        // Each sees two on duty and takes one away: one after the other, the second would have seen one.
        first.Begin(alone: false);
        second.Begin(alone: false);
        Run(first, "SELECT COUNT(*) FROM duties");
        Run(second, "SELECT COUNT(*) FROM duties");
        Run(first, "DELETE FROM duties WHERE doctor = 'a'");
        Run(second, "DELETE FROM duties WHERE doctor = 'b'");
        first.Commit();
        var fault = Assert.Throws<PostgresException>(second.Commit);

        Assert.Equal(StoreFault.Conflict, second.Classify(fault));
        second.Rollback();
        second.Begin(alone: true);
        Run(second, "DELETE FROM duties WHERE doctor = 'b'");
        second.Commit();
    }

    private static void Run(PostgresStoreConnection connection, string sql)
    {
        using var command = connection.Connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
