using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Agents;

public sealed class AgentSightingsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_heartbeats_are_twenty_writes_and_none_is_lost()
    {
        using var directory = new TemporaryDirectory();
        using var services = Store(StoreSettings.From(null, directory.Path));
        var writer = new CountingWriter(services.GetRequiredService<IStoreWriter>());
        var time = new FakeTimeProvider();
        var sightings = new AgentSightings(writer, time);
        for (var i = 0; i < 10_000; i++)
        {
            sightings.Heartbeat($"node-{i}", (sighting, _) => sighting with { BusySlots = i % 7 });
            sightings.Seen($"node-{i}");
        }

        await sightings.FlushAsync(_ => true, Cancellation);
        await sightings.FlushAsync(_ => true, Cancellation);

        Assert.Equal(20, writer.Writes);
        var rows = await RowsAsync(services);
        Assert.Equal(10_000, rows.Count);
        Assert.All(rows, r => Assert.Equal(int.Parse(r.AgentId[5..], System.Globalization.CultureInfo.InvariantCulture) % 7, r.BusySlots));
    }

    [Fact]
    public async Task Failed_write_is_made_good_by_the_next()
    {
        using var directory = new TemporaryDirectory();
        using var services = Store(StoreSettings.From(null, directory.Path));
        var writer = new CountingWriter(services.GetRequiredService<IStoreWriter>()) { FailNext = true };
        var sightings = new AgentSightings(writer, new FakeTimeProvider());
        sightings.Seen("node-a");

        await Assert.ThrowsAsync<TimeoutException>(() => sightings.FlushAsync(_ => true, Cancellation));
        await sightings.FlushAsync(_ => true, Cancellation);

        Assert.Single(await RowsAsync(services));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Two_silos_that_see_one_agent_keep_the_newer_of_each_part(StoreKind kind)
    {
        using var directory = new TemporaryDirectory();
        using var services = Store(kind is StoreKind.Sqlite ? StoreSettings.From(null, directory.Path) : StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync()));
        var writer = services.GetRequiredService<IStoreWriter>();
        var time = new FakeTimeProvider();
        var (first, second) = (new AgentSightings(writer, time), new AgentSightings(writer, time));
        first.Heartbeat("node-a", (sighting, _) => sighting with { BusySlots = 1, ActiveModel = "old" });
        time.Advance(TimeSpan.FromSeconds(1));
        second.Heartbeat("node-a", (sighting, _) => sighting with { BusySlots = 2, ActiveModel = "new" });
        time.Advance(TimeSpan.FromSeconds(1));
        first.Assigned("node-a");
        first.Seen("node-a");
        var lastMs = time.GetUtcNow().ToUnixTimeMilliseconds();

        await second.FlushAsync(_ => true, Cancellation);
        await first.FlushAsync(_ => true, Cancellation);

        var row = Assert.Single(await RowsAsync(services));
        Assert.Equal((2, "new", lastMs, lastMs), (row.BusySlots, row.ActiveModel, row.LastSeenMs, row.LastAssignmentMs));
        Assert.Equal(2, first.Learn("node-a", AgentSighting.Of(row)).BusySlots);
    }

    private static ServiceProvider Store(StoreSettings settings) => new ServiceCollection().AddLogging().AddStore(settings).BuildServiceProvider();

    private static async Task<List<AgentSightingRow>> RowsAsync(ServiceProvider services)
    {
        await using var context = services.GetRequiredService<IDbContextFactory<CoordinatorContext>>().CreateDbContext();
        return await context.Set<AgentSightingRow>().ToListAsync(Cancellation);
    }

    private sealed class CountingWriter(IStoreWriter inner) : IStoreWriter
    {
        public int Writes { get; private set; }

        public bool FailNext { get; set; }

        public Task<T> WriteAsync<T>(Func<IStoreBatch, T> operation, CancellationToken cancellationToken)
        {
            Writes++;
            if (FailNext)
            {
                FailNext = false;
                throw new TimeoutException();
            }

            return inner.WriteAsync(operation, cancellationToken);
        }
    }
}
