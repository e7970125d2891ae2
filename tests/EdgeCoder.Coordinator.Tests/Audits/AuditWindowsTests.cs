using System.Text.Json;
using EdgeCoder.Coordinator.Audits;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Audits;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.TestKit.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Audits;

/// <summary>On a real SQLite store.</summary>
public sealed class AuditWindowsTests : IAsyncLifetime
{
    private readonly TemporaryDirectory directory = new();
    private readonly FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000));
    private readonly ServiceProvider services;
    private readonly IStoreWriter writer;
    private readonly IDbContextFactory<CoordinatorContext> contexts;

    public AuditWindowsTests()
    {
        services = new ServiceCollection().AddLogging().AddStore(StoreSettings.From(null, directory.Path)).BuildServiceProvider();
        writer = services.GetRequiredService<IStoreWriter>();
        contexts = services.GetRequiredService<IDbContextFactory<CoordinatorContext>>();
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        directory.Dispose();
    }

    [Fact]
    public async Task Seed_is_committed_before_a_lease_can_name_its_window()
    {
        var id = await Windows().CurrentIdAsync(TestContext.Current.CancellationToken);
        var committed = Assert.Single(await LogAsync());
        Assert.Equal(("audit_seed", "audit", id), (committed.EventType, committed.TaskId, committed.SubtaskId));
        Assert.Equal(AuditDraw.SeedHash(await SeedAsync(id)), Member(committed, "seedHash"));
        Assert.DoesNotContain(Convert.ToHexStringLower(await SeedAsync(id)), committed.PayloadJson, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Window_ends_after_an_hour()
    {
        var windows = Windows();
        var first = await windows.CurrentIdAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(first, await windows.CurrentIdAsync(TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(first, await windows.CurrentIdAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Window_serves_ten_thousand_leases_however_many_ask_at_once()
    {
        var windows = Windows();
        var used = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        await Parallel.ForAsync(0, AuditWindows.MostLeases + 1, TestContext.Current.CancellationToken, async (_, token) => used.AddOrUpdate(await windows.CurrentIdAsync(token), 1, (_, count) => count + 1));
        Assert.Equal([1, AuditWindows.MostLeases], used.Values.Order());
    }

    [Fact]
    public async Task Restart_and_each_silo_begin_a_window_of_their_own_and_know_each_others_draws()
    {
        var one = Windows();
        var other = Windows();
        var first = await one.CurrentIdAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(first, await other.CurrentIdAsync(TestContext.Current.CancellationToken));
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(one.Drawn(first, $"l{i}", "d", 12), other.Drawn(first, $"l{i}", "d", 12));
        }

        Assert.Throws<InvalidOperationException>(() => other.Drawn("unknown", "l", "d", 12));
    }

    [Fact]
    public async Task Seed_is_published_when_all_leases_are_closed_and_every_draw_recomputes()
    {
        var windows = Windows();
        var id = await windows.CurrentIdAsync(TestContext.Current.CancellationToken);
        await InsertAsync(Lease("l-1", id, LeaseState.Closed));
        await InsertAsync(Lease("l-2", id, LeaseState.Live));
        Assert.Equal(0, await RevealAsync());
        time.Advance(TimeSpan.FromMilliseconds(AuditWindows.LengthMs + AuditWindows.GraceMs));
        Assert.Equal(0, await RevealAsync());
        await CloseAsync("l-2", "reported");
        Assert.Equal(0, await RevealAsync());
        await CloseAsync("l-2", "closed");
        Assert.Equal(1, await RevealAsync());
        Assert.Equal(0, await RevealAsync());

        var log = await LogAsync();
        var seed = Convert.FromHexString(Member(log[^1], "seed"));
        Assert.Equal(Member(log[0], "seedHash"), AuditDraw.SeedHash(seed));
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(windows.Drawn(id, $"l{i}", "d", 11), AuditDraw.IsDrawn(seed, $"l{i}", "d", 11));
        }
    }

    [Fact]
    public async Task Window_that_may_still_be_named_is_not_published()
    {
        await Windows().CurrentIdAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMilliseconds(AuditWindows.LengthMs));
        Assert.Equal(0, await RevealAsync());
    }

    private AuditWindows Windows() => new(writer, contexts, time);

    private async Task<int> RevealAsync()
    {
        using var reveals = new AuditReveals(writer, time, NullLogger<AuditReveals>.Instance);
        return await reveals.RevealAsync(TestContext.Current.CancellationToken);
    }

    private Task InsertAsync(LeaseRow row) => writer.WriteAsync(
        batch =>
        {
            batch.Insert(row);
            return true;
        },
        TestContext.Current.CancellationToken);

    private Task CloseAsync(string leaseId, string state) => writer.WriteAsync(batch => batch.Execute("UPDATE leases SET state = $1 WHERE lease_id = $2", state, leaseId), TestContext.Current.CancellationToken);

    private async Task<List<LogEventRow>> LogAsync()
    {
        await using var context = contexts.CreateDbContext();
        return await context.Set<LogEventRow>().OrderBy(row => row.Sequence).ToListAsync(TestContext.Current.CancellationToken);
    }

    private async Task<byte[]> SeedAsync(string id)
    {
        await using var context = contexts.CreateDbContext();
        return (await context.Set<AuditWindowRow>().SingleAsync(row => row.WindowId == id, TestContext.Current.CancellationToken)).Seed;
    }

    private static string Member(LogEventRow row, string name) => JsonDocument.Parse(row.PayloadJson!).RootElement.GetProperty(name).GetString()!;

    private static LeaseRow Lease(string id, string windowId, LeaseState state) => new()
    {
        LeaseId = id,
        SubtaskId = "s",
        TaskId = "t",
        Partition = 0,
        Attempt = 1,
        Purpose = LeasePurpose.Work,
        AgentId = "agent-1",
        OwnerAccountId = "a",
        ProjectId = "default",
        State = state,
        GrantedAtMs = 1,
        DeadlineMs = 2,
        HardDeadlineMs = 3,
        CapMc = 1,
        BudgetMs = 1,
        QualityBps = 1,
        LoadBps = 1,
        ModelBps = 1,
        AuditWindowId = windowId,
        Cv = 0,
        Signed = [],
        Sealed = false,
        Told = false,
        Faults = 0,
    };
}
