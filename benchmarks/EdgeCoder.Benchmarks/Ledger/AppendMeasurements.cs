using System.Diagnostics;

namespace EdgeCoder.Benchmarks.Ledger;

/// <summary>From the transaction of a change to a receipt that can be proven.</summary>
internal static class AppendMeasurements
{
    private const int Receipts = 10_000;
    private const int Callers = 256;
    private const int Rate = 2_000;
    private const int Seconds = 4;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Receipts that are written as fast as they go, until a checkpoint names the last of them.</summary>
    public static async Task<Figure> ThroughputAsync()
    {
        await using var log = await MeasuredLog.StartAsync(Interval);
        var before = log.Published;
        var next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            for (int number; (number = Interlocked.Increment(ref next)) < Receipts;)
            {
                await log.WriteAsync(number);
            }
        }));
        var written = watch.Elapsed;
        while (log.Published < before + Receipts)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
        }

        return new(Receipts / watch.Elapsed.TotalSeconds, new()
        {
            ["receipts"] = Receipts,
            ["writtenSeconds"] = Math.Round(written.TotalSeconds, 3),
            ["provableSeconds"] = Math.Round(watch.Elapsed.TotalSeconds, 3),
            ["checkpointIntervalMs"] = Interval.TotalMilliseconds,
        });
    }

    /// <summary>At 2,000 receipts a second: how long after its commit a checkpoint names a receipt; the 99th percentile.</summary>
    public static async Task<Figure> ProofDelayAsync()
    {
        await using var log = await MeasuredLog.StartAsync(Interval);
        var before = log.Published;
        var committed = new long[Rate * Seconds];
        var delays = new List<double>(committed.Length);
        var watch = Stopwatch.StartNew();
        var writes = new List<Task>(committed.Length);
        for (var number = 0; delays.Count < committed.Length;)
        {
            for (var due = Math.Min(committed.Length, (int)(watch.Elapsed.TotalSeconds * Rate)); number < due; number++)
            {
                writes.Add(StampAsync(log, number, committed));
            }

            // Commits come in the order of the calls: the writer is one.
            var published = log.Published - before;
            for (var at = delays.Count; at < published && at < committed.Length && Volatile.Read(ref committed[at]) is var stamp and > 0; at++)
            {
                delays.Add(Stopwatch.GetElapsedTime(stamp).TotalSeconds);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None);
        }

        await Task.WhenAll(writes);
        delays.Sort();
        return new(delays[(int)(delays.Count * 0.99)], new()
        {
            ["rate"] = Rate,
            ["receipts"] = committed.Length,
            ["p50"] = Math.Round(delays[delays.Count / 2], 3),
            ["max"] = Math.Round(delays[^1], 3),
            ["seconds"] = Math.Round(watch.Elapsed.TotalSeconds, 3),
            ["checkpointIntervalMs"] = Interval.TotalMilliseconds,
        });
    }

    private static async Task StampAsync(MeasuredLog log, int number, long[] committed)
    {
        await log.WriteAsync(number);
        Volatile.Write(ref committed[number], Stopwatch.GetTimestamp());
    }
}
