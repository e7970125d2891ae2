using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Benchmarks.Coordinator;

/// <summary>The coordinator's goals: rates as a ratio with an empty JSON route on the same Kestrel in the same run, latency, memory, start.</summary>
internal static class CoordinatorSuite
{
    private const int Connections = 512;
    private const int Rounds = 3;
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(4);

    /// <summary>The measurements.</summary>
    public static IReadOnlyList<Measurement> Measurements()
    {
        var latency = new Lazy<Task<List<double>>>(LatencyAsync);
        return
        [
            new("lifecycle_over_third_of_empty", "ratio", Goal.AtLeast, 0.5, LifecycleAsync),
            new("lifecycle_alone", "ms", Goal.AtMost, null, StepsAsync),
            new("submit_to_start_p50", "ms", Goal.AtMost, 10, async () => Quantile(await latency.Value, 0.5)),
            new("submit_to_start_p99", "ms", Goal.AtMost, 50, async () => Quantile(await latency.Value, 0.99)),
            new("idle_agents_10000", "MB", Goal.AtMost, 2048, IdleAgents.MeasureAsync),
            new("up_start", "s", Goal.AtMost, 3, UpStart.MeasureAsync),
        ];
    }

    private static async Task<Figure> LifecycleAsync()
    {
        await using var coordinator = await CoordinatorUnderLoad.StartAsync();
        var agents = new List<LoadAgent>();
        for (var n = 0; n < Connections; n++)
        {
            agents.Add(await coordinator.AgentAsync(n));
        }

        // Interleaved, so that a neighbour who wakes up slows both; the first round of each warms up and is not counted.
        List<double> empty = [], whole = [], emptyCpu = [], wholeCpu = [];
        for (var round = 0; round <= Rounds; round++)
        {
            var before = Environment.CpuUsage.TotalTime;
            empty.Add(await Lifecycle.EmptyRateAsync(coordinator.Url, Connections, Span));
            var between = Environment.CpuUsage.TotalTime;
            whole.Add(await Lifecycle.RateAsync(coordinator, agents, $"round{round}", Span));
            emptyCpu.Add((between - before).TotalMicroseconds / (empty[^1] * Span.TotalSeconds));
            wholeCpu.Add((Environment.CpuUsage.TotalTime - between).TotalMicroseconds / (whole[^1] * Span.TotalSeconds));
        }

        agents.ForEach(agent => agent.Dispose());
        var (base_, rate) = (empty.Skip(1).Median(), whole.Skip(1).Median());
        return new(rate / (base_ / 3), new() { ["empty_cpu_us"] = Math.Round(emptyCpu.Skip(1).Median()), ["lifecycle_cpu_us"] = Math.Round(wholeCpu.Skip(1).Median()), ["empty_per_s"] = Math.Round(base_), ["lifecycles_per_s"] = Math.Round(rate), ["connections"] = Connections, ["rounds"] = Rounds, ["signature_pair_us"] = Math.Round(SignaturePairUs()) });
    }

    /// <summary>One Ed25519 signature and its check on one core: what each signed request costs both ends at the least, in microseconds.</summary>
    private static double SignaturePairUs()
    {
        const int rounds = 2_000;
        using var key = SigningKey.Generate();
        var message = new byte[400];
        var began = Stopwatch.GetTimestamp();
        for (var n = 0; n < rounds; n++)
        {
            if (!key.PublicKey.Verify(message, key.Sign(message)))
            {
                throw new InvalidOperationException("A signature does not fit its own key.");
            }
        }

        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / rounds;
    }

    /// <summary>One connection alone: what each of the three requests takes, each with its commits.</summary>
    private static async Task<Figure> StepsAsync()
    {
        await using var coordinator = await CoordinatorUnderLoad.StartAsync();
        using var agent = await coordinator.AgentAsync(0);
        using var submitter = await LoadConnection.OpenAsync(coordinator.Url);
        List<double> submit = [], pull = [], report = [];
        for (var n = 0; n < 300; n++)
        {
            var begun = Stopwatch.GetTimestamp();
            await Lifecycle.SubmitAsync(submitter, coordinator.ApiKey, $"alone-{n}");
            submit.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            begun = Stopwatch.GetTimestamp();
            var works = await Lifecycle.PullAsync(agent, 1000, 1);
            pull.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            begun = Stopwatch.GetTimestamp();
            foreach (var work in works)
            {
                await Lifecycle.ReportAsync(agent, work);
            }

            report.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return new(submit.Zip(pull, report).Select(step => step.First + step.Second + step.Third).Skip(50).Median(), new()
        {
            ["submit_ms"] = Math.Round(submit.Skip(50).Median(), 2),
            ["pull_ms"] = Math.Round(pull.Skip(50).Median(), 2),
            ["result_ms"] = Math.Round(report.Skip(50).Median(), 2),
        });
    }

    /// <summary>Tasks at 500/s, each timed from before its submission to its arrival at an agent that waits.</summary>
    private static async Task<List<double>> LatencyAsync()
    {
        const int rate = 500;
        const int seconds = 10;
        await using var coordinator = await CoordinatorUnderLoad.StartAsync();
        var sent = new ConcurrentDictionary<string, long>();
        var warming = Enumerable.Range(0, rate).Select(n => $"latency-{n}").ToHashSet(StringComparer.Ordinal);
        var waited = new ConcurrentBag<double>();
        using var end = new CancellationTokenSource();
        var working = new List<Task>();
        for (var n = 0; n < 16; n++)
        {
            var agent = await coordinator.AgentAsync(n);
            working.Add(Task.Run(async () =>
            {
                using (agent)
                {
                    while (!end.IsCancellationRequested)
                    {
                        var works = await Lifecycle.PullAsync(agent, 1000, 8);
                        var now = Stopwatch.GetTimestamp();
                        foreach (var work in works)
                        {
                            if (work.Subtask is { } order && sent.TryRemove(order.TaskId, out var at) && !warming.Contains(order.TaskId))
                            {
                                waited.Add(Stopwatch.GetElapsedTime(at, now).TotalMilliseconds);
                            }
                        }

                        foreach (var work in works)
                        {
                            await Lifecycle.ReportAsync(agent, work);
                        }
                    }
                }
            }));
        }

        var submitters = new ConcurrentBag<LoadConnection>();
        for (var n = 0; n < 32; n++)
        {
            submitters.Add(await LoadConnection.OpenAsync(coordinator.Url));
        }

        // Paced by the clock and not by the answers: a slow answer must not make the load lighter.
        var begun = Stopwatch.GetTimestamp();
        var submitting = new List<Task>();
        for (var n = 0; n < rate * seconds; n++)
        {
            var due = TimeSpan.FromSeconds((double)n / rate);
            while (Stopwatch.GetElapsedTime(begun) < due)
            {
                await Task.Yield();
            }

            var id = $"latency-{n}";
            submitting.Add(Task.Run(async () =>
            {
                if (!submitters.TryTake(out var connection))
                {
                    connection = await LoadConnection.OpenAsync(coordinator.Url);
                }

                sent[id] = Stopwatch.GetTimestamp();
                await Lifecycle.SubmitAsync(connection, coordinator.ApiKey, id);
                submitters.Add(connection);
            }));
        }

        await Task.WhenAll(submitting);
        var patience = Stopwatch.GetTimestamp();
        while (!sent.IsEmpty && Stopwatch.GetElapsedTime(patience) < TimeSpan.FromSeconds(20))
        {
            await Task.Yield();
        }

        await end.CancelAsync();
        await Task.WhenAll(working);
        foreach (var connection in submitters)
        {
            connection.Dispose();
        }

        // The first second warms up; what never started counts as the whole patience.
        return [.. waited, .. Enumerable.Repeat(20_000.0, sent.Count)];
    }

    private static Figure Quantile(List<double> waited, double part) =>
        new(waited.Quantile(part), new() { ["tasks"] = waited.Count, ["worst"] = Math.Round(waited.Max(), 1), ["rate_per_s"] = 500 });
}
