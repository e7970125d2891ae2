using CsCheck;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Protocol.OperatorAudit;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tests.Audit;

/// <summary>The chain of the audit log under several writers, each with its own connection as of its own process, on both databases (portal-and-control-plane 10.3, K10).</summary>
public abstract class AuditLogCompliance(StoreKind kind) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly AuditSource _ann = new("user:ann", "session", null);

    [Fact]
    public async Task Two_writers_never_fork_the_chain()
    {
        await Gen.Int[1, 30].Array[2, 3].SampleAsync(
            async counts =>
            {
                await using var stores = await OpenAsync(counts.Length);
                await Task.WhenAll(counts.SelectMany((count, writer) => Enumerable.Range(0, count).Select(n => stores.Writer(writer).WriteAsync(
                    batch =>
                    {
                        AuditLog.Append(batch, _ann, "test.done", $"writer:{writer}", n);
                        return true;
                    },
                    CancellationToken.None))));

                var rows = await stores.RowsAsync();
                Assert.Equal(counts.Sum(), rows.Count);
                var last = AuditLine.Genesis;
                foreach (var (row, place) in rows.Select((row, n) => (row, n + 1)))
                {
                    Assert.Equal((place, last, row.Line.ComputeHash()), (row.Seq, row.PrevHash, row.Hash));
                    last = row.Hash;
                }
            },
            iter: 8,
            threads: 1);
    }

    [Fact]
    public async Task What_is_done_is_undone_when_its_row_cannot_be_written()
    {
        await using var stores = await OpenAsync(1);
        await stores.Writer(0).WriteAsync(batch => batch.Execute("CREATE UNIQUE INDEX planted ON audit_lines (action)"), TestContext.Current.CancellationToken);
        await AppendAsync(stores, "first");

        await Assert.ThrowsAnyAsync<Exception>(() => AppendAsync(stores, "second"));

        Assert.Equal(["first"], await stores.Writer(0).WriteAsync(batch => batch.Query("SELECT name FROM data_protection_keys", row => row.Text(0)), TestContext.Current.CancellationToken));
        await stores.Writer(0).WriteAsync(batch => batch.Execute("DROP INDEX planted"), TestContext.Current.CancellationToken);
        await AppendAsync(stores, "third");
        Assert.Equal([1, 2], (await stores.RowsAsync()).Select(row => row.Seq));
    }

    [Theory]
    [InlineData("role granted", "user:x", null)]
    [InlineData("role.granted", "user:ann@example.org", null)]
    [InlineData("role.granted", "user:x", "ask ann@example.org")]
    public async Task Texts_that_are_no_ids_are_refused(string action, string target, string? reason)
    {
        await using var stores = await OpenAsync(1);
        await Assert.ThrowsAsync<ArgumentException>(() => stores.Writer(0).WriteAsync(
            batch =>
            {
                AuditLog.Append(batch, _ann, action, target, 1, reason: reason);
                return true;
            },
            TestContext.Current.CancellationToken));
        Assert.Empty(await stores.RowsAsync());
    }

    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<bool> AppendAsync(Stores stores, string name) => stores.Writer(0).WriteAsync(
        batch =>
        {
            batch.Insert(new Portal.DataProtection.DataProtectionKeyRow { Name = name, Xml = "" });
            AuditLog.Append(batch, _ann, "test.done", "key:" + name, 1);
            return true;
        },
        TestContext.Current.CancellationToken);

    private async Task<Stores> OpenAsync(int count)
    {
        var database = kind == StoreKind.Sqlite ? null : await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        return new([.. Enumerable.Repeat(StoreSettings.From(database, _directory[Guid.NewGuid().ToString("N")], "portal"), count)]);
    }

    private sealed class Stores(StoreSettings[] settings) : IAsyncDisposable
    {
        private readonly ServiceProvider[] _providers = [.. settings.Select(one => new ServiceCollection().AddLogging().AddStore<PortalContext>(one).BuildServiceProvider())];

        public IStoreWriter Writer(int number) => _providers[number].GetRequiredService<IStoreWriter>();

        public async Task<List<AuditLineRow>> RowsAsync()
        {
            await using var context = await _providers[0].GetRequiredService<IDbContextFactory<PortalContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
            return await context.Set<AuditLineRow>().OrderBy(row => row.Seq).ToListAsync(TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var provider in _providers)
            {
                await provider.DisposeAsync();
            }
        }
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteAuditLogTests() : AuditLogCompliance(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresAuditLogTests() : AuditLogCompliance(StoreKind.PostgreSql);
