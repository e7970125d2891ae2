using System.Text.Json;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Storage;

public sealed class CoordinatorStoreTests
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Whole_model_is_made_and_log_events_keep_their_order(StoreKind kind)
    {
        using var directory = new TemporaryDirectory();
        var settings = kind == StoreKind.Sqlite ? StoreSettings.From(null, directory.Path) : StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        using var services = new ServiceCollection().AddLogging().AddStore(settings).BuildServiceProvider();
        var writer = services.GetRequiredService<IStoreWriter>();

        await writer.WriteAsync(
            batch =>
            {
                LogOutbox.Append(batch, "task_enqueue", "t-1", null, "account-1", null, 5);
                LogOutbox.Append(batch, "task_claim", "t-1", "s-1", "agent-1", null, 6);
                return true;
            },
            TestContext.Current.CancellationToken);

        await using var context = services.GetRequiredService<IDbContextFactory<CoordinatorContext>>().CreateDbContext();
        var events = await context.Set<LogEventRow>().OrderBy(r => r.Sequence).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([("task_enqueue", null, 5L), ("task_claim", "s-1", 6L)], events.Select(e => (e.EventType, e.SubtaskId, e.AtMs)));
    }

    [Fact]
    public void Every_table_and_column_has_the_name_of_the_convention()
    {
        using var directory = new TemporaryDirectory();
        using var services = new ServiceCollection().AddLogging().AddStore(StoreSettings.From(null, directory.Path)).BuildServiceProvider();
        using var context = services.GetRequiredService<IDbContextFactory<CoordinatorContext>>().CreateDbContext();
        Assert.All(context.Model.GetEntityTypes(), type =>
        {
            Assert.EndsWith("Row", type.ClrType.Name, StringComparison.Ordinal);
            Assert.Matches("^[a-z][a-z0-9_]*$", type.GetTableName());
            Assert.All(type.GetProperties(), p => Assert.Equal(JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name), p.GetColumnName()));
        });
    }
}
