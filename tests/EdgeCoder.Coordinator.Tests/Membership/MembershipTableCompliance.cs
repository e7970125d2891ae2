using System.Net;
using EdgeCoder.Coordinator.Membership;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace EdgeCoder.Coordinator.Tests.Membership;

/// <summary>What Orleans asks of a table of silos, after the ideas of its own membership tests, for every database.</summary>
public abstract class MembershipTableCompliance : IAsyncLifetime
{
    private static readonly DateTime Noon = new(2026, 11, 23, 12, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly List<ServiceProvider> _services = [];
    private StoreSettings _settings = null!;
    private IMembershipTable _table = null!;

    public async ValueTask InitializeAsync()
    {
        _settings = await SettingsAsync();
        _table = Table();
        await _table.InitializeMembershipTableAsync(true, Token);
    }

    public async ValueTask DisposeAsync()
    {
        _services.ForEach(s => s.Dispose());
        await RemoveAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task New_table_has_a_version_and_a_second_start_keeps_it()
    {
        var empty = await _table.ReadAllAsync(Token);
        Assert.Empty(empty.Members);
        await InsertAsync(Silo(1));
        var one = await _table.ReadAllAsync(Token);
        await Table().InitializeMembershipTableAsync(true, Token);
        Assert.Equal(one.Version, (await _table.ReadAllAsync(Token)).Version);
        Assert.True(one.Version.Version > empty.Version.Version);
    }

    [Fact]
    public async Task Inserted_silo_reads_as_it_was_written()
    {
        var entry = Silo(1);
        entry.SuspectTimes = [Tuple.Create(Address(7), Noon.AddMinutes(1)), Tuple.Create(Address(8), Noon.AddMinutes(2))];
        await InsertAsync(entry);
        await InsertAsync(Silo(2));

        var read = (await _table.ReadRowAsync(entry.SiloAddress, Token)).Members.Single().Item1;
        Assert.Equal(entry.SiloAddress, read.SiloAddress);
        Assert.Equal((entry.Status, entry.ProxyPort, entry.HostName, entry.SiloName, entry.RoleName, entry.UpdateZone, entry.FaultZone), (read.Status, read.ProxyPort, read.HostName, read.SiloName, read.RoleName, read.UpdateZone, read.FaultZone));
        Assert.Equal((entry.StartTime, entry.IAmAliveTime), (read.StartTime, read.IAmAliveTime));
        Assert.Equal(entry.SuspectTimes, read.SuspectTimes);
        Assert.Equal(2, (await _table.ReadAllAsync(Token)).Members.Count);
    }

    [Fact]
    public async Task Unknown_silo_reads_as_the_version_alone()
    {
        await InsertAsync(Silo(1));
        var read = await _table.ReadRowAsync(Address(2), Token);
        Assert.Empty(read.Members);
        Assert.Equal((await _table.ReadAllAsync(Token)).Version, read.Version);
    }

    [Fact]
    public async Task Silo_that_is_there_is_not_inserted_again()
    {
        await InsertAsync(Silo(1));
        var before = await _table.ReadAllAsync(Token);
        Assert.False(await _table.InsertRowAsync(Silo(1), before.Version.Next(), Token));
        Assert.Equal(before.Version, (await _table.ReadAllAsync(Token)).Version);
    }

    [Fact]
    public async Task Insert_from_an_old_view_leaves_nothing()
    {
        var old = (await _table.ReadAllAsync(Token)).Version;
        await InsertAsync(Silo(1));
        var before = await _table.ReadAllAsync(Token);
        Assert.False(await _table.InsertRowAsync(Silo(2), old.Next(), Token));
        var after = await _table.ReadAllAsync(Token);
        Assert.Equal(before.Version, after.Version);
        Assert.Null(after.TryGet(Address(2)));
    }

    [Fact]
    public async Task Update_moves_the_version_and_both_etags()
    {
        await InsertAsync(Silo(1));
        var before = await _table.ReadAllAsync(Token);
        var entry = Silo(1);
        entry.Status = SiloStatus.ShuttingDown;
        Assert.True(await _table.UpdateRowAsync(entry, before.Members[0].Item2, before.Version.Next(), Token));

        var after = await _table.ReadAllAsync(Token);
        Assert.Equal(SiloStatus.ShuttingDown, after.Members[0].Item1.Status);
        Assert.NotEqual(before.Members[0].Item2, after.Members[0].Item2);
        Assert.Equal(before.Version.Version + 1, after.Version.Version);
        Assert.NotEqual(before.Version.VersionEtag, after.Version.VersionEtag);
    }

    [Fact]
    public async Task Update_with_an_old_etag_of_row_or_table_or_of_an_unknown_silo_changes_nothing()
    {
        await InsertAsync(Silo(1));
        var old = await _table.ReadAllAsync(Token);
        Assert.True(await _table.UpdateRowAsync(Silo(1), old.Members[0].Item2, old.Version.Next(), Token));
        var now = await _table.ReadAllAsync(Token);

        Assert.False(await _table.UpdateRowAsync(Silo(1), old.Members[0].Item2, now.Version.Next(), Token));
        Assert.False(await _table.UpdateRowAsync(Silo(1), now.Members[0].Item2, old.Version.Next(), Token));
        Assert.False(await _table.UpdateRowAsync(Silo(2), now.Members[0].Item2, now.Version.Next(), Token));
        var after = await _table.ReadAllAsync(Token);
        Assert.Equal((now.Version, now.Members[0].Item2), (after.Version, after.Members[0].Item2));
    }

    [Fact]
    public async Task One_of_many_updates_from_the_same_view_wins()
    {
        await InsertAsync(Silo(1));
        var seen = await _table.ReadAllAsync(Token);
        var tables = new[] { _table, Table(), Table() };
        var won = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => tables[i % 3].UpdateRowAsync(Silo(1), seen.Members[0].Item2, seen.Version.Next(), Token)));
        Assert.Single(won, true);
        Assert.Equal(seen.Version.Version + 1, (await _table.ReadAllAsync(Token)).Version.Version);
    }

    [Fact]
    public async Task Updates_that_try_until_they_win_all_count_and_every_read_is_of_one_moment()
    {
        const int silos = 8;
        await InsertAsync(Silo(1));
        var start = (await _table.ReadAllAsync(Token)).Version.Version;
        using var done = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var read = await _table.ReadAllAsync(Token);
                Assert.True(read.Members[0].Item1.ProxyPort == read.Version.Version || read.Version.Version == start);
            }
        }, Token);
        await Task.WhenAll(Enumerable.Range(0, silos).Select(_ => Task.Run(async () =>
        {
            var table = Table();
            for (var updates = 0; updates < 3;)
            {
                var seen = await table.ReadAllAsync(Token);
                var entry = seen.Members[0].Item1;
                entry.ProxyPort = seen.Version.Version + 1;
                updates += await table.UpdateRowAsync(entry, seen.Members[0].Item2, seen.Version.Next(), Token) ? 1 : 0;
            }
        }, Token)));
        await done.CancelAsync();
        await reading;

        Assert.Equal(start + (3 * silos), (await _table.ReadAllAsync(Token)).Version.Version);
    }

    [Fact]
    public async Task Sign_of_life_changes_no_etag_and_a_view_from_before_it_still_counts()
    {
        await InsertAsync(Silo(1));
        var before = await _table.ReadAllAsync(Token);
        var alive = Silo(1);
        alive.IAmAliveTime = Noon.AddHours(1);
        alive.Status = SiloStatus.Dead;
        await _table.UpdateIAmAliveAsync(alive, Token);

        var after = await _table.ReadAllAsync(Token);
        Assert.Equal((before.Version, before.Members[0].Item2), (after.Version, after.Members[0].Item2));
        Assert.Equal((Noon.AddHours(1), SiloStatus.Active), (after.Members[0].Item1.IAmAliveTime, after.Members[0].Item1.Status));
        Assert.True(await _table.UpdateRowAsync(Silo(1), before.Members[0].Item2, before.Version.Next(), Token));
    }

    [Fact]
    public async Task Cleaning_removes_the_long_dead_and_nobody_else()
    {
        var suspected = Silo(3, SiloStatus.Dead);
        suspected.SuspectTimes = [Tuple.Create(Address(1), Noon.AddDays(9))];
        var young = Silo(4, SiloStatus.Dead);
        young.IAmAliveTime = Noon.AddDays(8);
        foreach (var entry in new[] { Silo(1), Silo(2, SiloStatus.Dead), suspected, young })
        {
            await InsertAsync(entry);
        }

        await _table.CleanupDefunctSiloEntriesAsync(new DateTimeOffset(Noon.AddDays(7)), Token);
        Assert.Equal([Address(1), Address(3), Address(4)], (await _table.ReadAllAsync(Token)).Members.Select(m => m.Item1.SiloAddress).OrderBy(a => a.Endpoint.Port));
    }

    [Fact]
    public async Task Deleting_a_cluster_leaves_the_others()
    {
        var other = Table("other");
        await other.InitializeMembershipTableAsync(true, Token);
        Assert.True(await other.InsertRowAsync(Silo(5), (await other.ReadAllAsync(Token)).Version.Next(), Token));
        await InsertAsync(Silo(1));

        await _table.DeleteMembershipTableEntriesAsync("edgecoder", Token);
        Assert.Empty((await _table.ReadAllAsync(Token)).Members);
        Assert.Single((await other.ReadAllAsync(Token)).Members);
    }

    private protected abstract Task<StoreSettings> SettingsAsync();

    private protected virtual ValueTask RemoveAsync() => ValueTask.CompletedTask;

    private static SiloAddress Address(int number) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1000 + number), 42 + number);

    private static MembershipEntry Silo(int number, SiloStatus status = SiloStatus.Active) => new()
    {
        SiloAddress = Address(number),
        Status = status,
        HostName = "host",
        SiloName = $"silo-{number}",
        RoleName = "coordinator",
        UpdateZone = 1,
        FaultZone = 2,
        ProxyPort = 0,
        StartTime = Noon,
        IAmAliveTime = Noon.AddMilliseconds(123),
    };

    private async Task InsertAsync(MembershipEntry entry) => Assert.True(await _table.InsertRowAsync(entry, (await _table.ReadAllAsync(Token)).Version.Next(), Token));

    // With an own writer each, like the silos of several processes.
    private StoreMembershipTable Table(string cluster = "edgecoder")
    {
        var services = new ServiceCollection().AddLogging().AddStore(_settings).BuildServiceProvider();
        lock (_services)
        {
            _services.Add(services);
        }

        services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Microsoft.Extensions.Hosting.IHostedLifecycleService>().Single().StartingAsync(default).GetAwaiter().GetResult();
        return new(
            services.GetRequiredService<IStoreWriter>(), services.GetRequiredService<IDbContextFactory<CoordinatorContext>>(), Options.Create(new ClusterOptions { ClusterId = cluster, ServiceId = cluster }));
    }
}
