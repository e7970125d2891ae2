using System.Globalization;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tests.Silo;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Storage;

/// <summary>Real processes that write as fast as they can and are killed.</summary>
public sealed class KilledWriterTests
{
    [Fact]
    public async Task Everything_answered_before_a_kill_is_in_the_file_after_it_once()
    {
        using var directory = new TemporaryDirectory();
        List<long> answered = [.. await WriteAsync(directory.Path, 1_000_000), .. await WriteAsync(directory.Path, 2_000_000)];
        await CheckAsync(StoreSettings.From(null, directory.Path), answered);
    }

    [Fact]
    public async Task Writers_of_one_server_lose_nothing_answered_when_they_are_killed()
    {
        var database = await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        var answered = await Task.WhenAll(WriteAsync(database, 1_000_000), WriteAsync(database, 2_000_000));
        await CheckAsync(StoreSettings.OnServer(database), [.. answered[0], .. answered[1]]);
    }

    // The numbers that were answered; the process is killed after a thousand.
    private static async Task<List<long>> WriteAsync(string store, int first)
    {
        var answered = new List<long>();
        using var process = SiloProcess.Run("write", store, first.ToString(CultureInfo.InvariantCulture));
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            answered.Add(long.Parse(line, CultureInfo.InvariantCulture));
            if (answered.Count == 1_000)
            {
                process.Kill();
            }
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(answered.Count >= 1_000);
        return answered;
    }

    private static async Task CheckAsync(StoreSettings settings, IReadOnlyList<long> answered)
    {
        using var services = new ServiceCollection().AddLogging().AddStore(settings).BuildServiceProvider();
        await using var context = services.GetRequiredService<IDbContextFactory<CoordinatorContext>>().CreateDbContext();
        var stored = await context.Set<LogEventRow>().Select(r => r.AtMs).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Empty(answered.Except(stored));
        Assert.Equal(stored.Count, stored.Distinct().Count());
    }
}
