using System.Globalization;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tests.Silo;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Storage;

public sealed class KilledWriterTests
{
    [Fact]
    public async Task Everything_answered_before_a_kill_is_there_after_it_and_nothing_twice()
    {
        using var directory = new TemporaryDirectory();
        var answered = new List<long>();
        for (var kill = 0; kill < 2; kill++)
        {
            using var process = SiloProcess.Run("write", directory.Path);
            for (var seen = 0; await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line; seen++)
            {
                // A line may have been cut by the kill.
                if (long.TryParse(line, CultureInfo.InvariantCulture, out var number) && (seen < 1_000 || number >= 1_000))
                {
                    answered.Add(number);
                }

                if (seen == 1_000)
                {
                    process.Kill();
                }
            }

            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using var services = new ServiceCollection().AddLogging().AddStore(StoreSettings.From(null, directory.Path)).BuildServiceProvider();
        await using var context = services.GetRequiredService<IDbContextFactory<CoordinatorContext>>().CreateDbContext();
        var stored = (await context.Set<LogEventRow>().Select(r => r.AtMs).ToListAsync(TestContext.Current.CancellationToken)).GroupBy(n => n).ToDictionary(g => g.Key, g => g.Count());
        Assert.True(answered.Count > 2_000);
        Assert.All(answered.GroupBy(n => n), number => Assert.InRange(stored.GetValueOrDefault(number.Key), number.Count(), 2));
    }
}
