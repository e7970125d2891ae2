using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Hosting.Tests.Storage;

public sealed class SqliteStoreWriterTests : StoreWriterCompliance
{
    private readonly TemporaryDirectory _directory = new();
    private int _stores;

    [Fact]
    public async Task File_is_the_owners_alone_in_full_durability()
    {
        var file = _directory["store-1.db"];
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal([(2, 1)], await Store.WriteAsync(b => b.Query("SELECT (SELECT synchronous FROM pragma_synchronous), (SELECT foreign_keys FROM pragma_foreign_keys)", r => (r.Number(0), r.Number(1)))));
        Assert.Equal(["wal"], await Store.WriteAsync(b => b.Query("SELECT journal_mode FROM pragma_journal_mode", r => r.Text(0))));
    }

    [Fact]
    public async Task Store_that_has_ended_leaves_no_connection_open_in_the_drivers_pool()
    {
        var settings = StoreSettings.From(null, _directory.Path, "ended");
        using (var store = new StoreUnderTest(settings))
        {
            await store.WriteAsync(b => b.Insert(new SampleRow { Id = "one" }));
            await using var context = store.Context();
            Assert.Equal(1, await context.Set<SampleRow>().CountAsync(TestContext.Current.CancellationToken));
            Assert.True(File.Exists(settings.File + "-wal"));
        }

        // SQLite removes it with the last connection.
        Assert.False(File.Exists(settings.File + "-wal"));
    }

    private protected override Task<StoreSettings> SettingsAsync() => Task.FromResult(StoreSettings.From(null, _directory.Path, $"store-{++_stores}"));

    private protected override ValueTask RemoveAsync()
    {
        SqliteConnection.ClearAllPools();
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}
