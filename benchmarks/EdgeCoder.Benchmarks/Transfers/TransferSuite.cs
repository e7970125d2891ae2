using System.Diagnostics;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Benchmarks.Transfers;

/// <summary>Transfers with constraints on a durable SQLite store (synchronous=FULL, group commit), each with its row, both accounts and its leaf's event.</summary>
internal static class TransferSuite
{
    private const int Accounts = 1_000;
    private const int Callers = 512;
    private const int Rounds = 3;
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(4);

    /// <summary>The measurements.</summary>
    public static IReadOnlyList<Measurement> Measurements() => [new("transfers_per_s", "1/s", Goal.AtLeast, 5_000, RateAsync)];

    private static async Task<Figure> RateAsync()
    {
        var directory = Directory.CreateTempSubdirectory("edgecoder-benchmark-");
        try
        {
            await using var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddStore(StoreSettings.From(null, directory.FullName)).BuildServiceProvider();
            var writer = services.GetRequiredService<IStoreWriter>();
            await writer.WriteAsync(batch => Open(batch), CancellationToken.None);

            // The first round warms up and is not counted.
            List<double> rates = [], cpu = [];
            for (var round = 0; round <= Rounds; round++)
            {
                // The time of the processor tells what a machine that is shared can do when it is not.
                var before = Environment.CpuUsage.TotalTime;
                var (count, seconds) = await RoundAsync(writer, round);
                rates.Add(count / seconds);
                cpu.Add((Environment.CpuUsage.TotalTime - before).TotalMicroseconds / count);
            }

            var report = await ActivatorUtilities.CreateInstance<BookCheck>(services).RunAsync(CancellationToken.None);
            return report.Ok
                ? new(rates.Skip(1).Median(), new() { ["cpu_us"] = Math.Round(cpu.Skip(1).Median()), ["accounts"] = Accounts, ["callers"] = Callers, ["transfers"] = report.Transfers, ["rounds"] = Rounds, ["seconds"] = Span.TotalSeconds })
                : throw new InvalidOperationException("The books do not agree after the run.");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static bool Open(IStoreBatch batch)
    {
        for (var n = 0; n < Accounts; n++)
        {
            TransferBook.Open(batch, Name(n), "user", 0);
            TransferChain.Run(batch, "benchmark", Transfer($"fund-{n}", SystemAccounts.FaucetMint, Name(n), 1L << 40));
        }

        return true;
    }

    private static async Task<(int Count, double Seconds)> RoundAsync(IStoreWriter writer, int round)
    {
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            var count = 0;
            for (; clock.Elapsed < Span; count++)
            {
                var transfer = Transfer($"{round}-{caller}-{count}", Name((caller * 7919 + count) % Accounts), Name((caller * 104_729 + count * 31 + 1) % Accounts), 1 + count);
                await writer.WriteAsync(batch => TransferChain.Run(batch, "benchmark", transfer), CancellationToken.None);
            }

            return count;
        }));
        return (counts.Sum(), clock.Elapsed.TotalSeconds);
    }

    private static string Name(int n) => FormattableString.Invariant($"acct-{n:0000}");

    private static TransferRow Transfer(string key, string debit, string credit, long amount) => new()
    {
        TransferId = TransferId.Of("benchmark", key),
        Phase = TransferPhases.Posted,
        DebitAccountId = debit,
        CreditAccountId = credit,
        Amount = amount,
        Code = TransferCodes.Adjust,
        Reason = "benchmark",
        CreatedAtMs = 1,
    };
}
