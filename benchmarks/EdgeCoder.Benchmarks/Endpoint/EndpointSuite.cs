using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http;
using System.Text;
using EdgeCoder.Benchmarks.Coordinator;
using EdgeCoder.Benchmarks.Inference;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.IdeProvider.Composition;

namespace EdgeCoder.Benchmarks.Endpoint;

/// <summary>What the endpoint for editors adds to a call: the same load straight to a stub of a model server and through the endpoint, in turns, in one run.</summary>
internal static class EndpointSuite
{
    private const int RatePerSecond = 1_000;
    private const int Connections = 64;
    private const string Path = "/v1/chat/completions";
    private static readonly byte[] Call = """{"model":"stub","messages":[{"role":"system","content":"You are a careful programmer."},{"role":"user","content":"Write a function that reverses a list."}],"temperature":0.2}"""u8.ToArray();

    /// <summary>The measurements.</summary>
    public static IReadOnlyList<Measurement> Measurements()
    {
        var latency = new Lazy<Task<(List<double> Direct, List<double> Through)>>(LatencyAsync);
        return
        [
            new("added_latency_p50", "ms", Goal.AtMost, 0.4, async () => Added(await latency.Value, 0.5)),
            new("added_latency_p99", "ms", Goal.AtMost, 2, async () => Added(await latency.Value, 0.99)),
            new("added_to_a_token", "ms", Goal.AtMost, 0.2, TokenAsync),
            new("memory_after_100000", "MiB", Goal.AtMost, 8, MemoryAsync),
        ];
    }

    private static Figure Added((List<double> Direct, List<double> Through) measured, double part) => new(measured.Through.Quantile(part) - measured.Direct.Quantile(part), new()
    {
        ["direct_ms"] = Math.Round(measured.Direct.Quantile(part), 3),
        ["through_ms"] = Math.Round(measured.Through.Quantile(part), 3),
        ["rate_per_s"] = RatePerSecond,
        ["calls"] = measured.Through.Count,
    });

    private static async Task<(List<double> Direct, List<double> Through)> LatencyAsync()
    {
        await using var stub = await StubModelServer.StartAsync();
        await using var place = await Place.StartAsync(stub);
        List<double> direct = [], through = [];

        // In turns, so that a neighbour who wakes up slows both; the first turn of each warms up.
        for (var round = 0; round < 6; round++)
        {
            var (one, other) = (await LoadAsync(stub.Url, 3), await LoadAsync(place.Url, 3));
            if (round > 0)
            {
                direct.AddRange(one);
                through.AddRange(other);
            }
        }

        return (direct, through);
    }

    private static async Task<List<double>> LoadAsync(Uri url, int seconds)
    {
        var took = new ConcurrentBag<double>();
        using var due = new SemaphoreSlim(0);
        var left = RatePerSecond * seconds;
        var workers = new List<Task>();
        for (var n = 0; n < Connections; n++)
        {
            workers.Add(Task.Run(async () =>
            {
                using var connection = await LoadConnection.OpenAsync(url);
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    await due.WaitAsync();
                    var began = Stopwatch.GetTimestamp();
                    var (status, _) = await connection.PostAsync(Path, Call, "");
                    took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                    if (status != 200)
                    {
                        throw new InvalidOperationException($"{url}: {status}");
                    }
                }
            }));
        }

        // Paced by the clock: as many as are due, whatever the answers take.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < RatePerSecond * seconds && await timer.WaitForNextTickAsync();)
        {
            var now = Math.Min(RatePerSecond * seconds, (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * RatePerSecond));
            if (now > sent)
            {
                due.Release(now - sent);
                sent = now;
            }
        }

        await Task.WhenAll(workers);
        return [.. took];
    }

    private static async Task<Figure> TokenAsync()
    {
        await using var stub = await StubModelServer.StartAsync();
        await using var place = await Place.StartAsync(stub);
        List<double> direct = [], through = [];
        for (var round = 0; round < 12; round++)
        {
            var (one, other) = (await PiecesAsync(stub.Url), await PiecesAsync(place.Url));
            if (round > 1)
            {
                direct.AddRange(one);
                through.AddRange(other);
            }
        }

        return new(through.Median() - direct.Median(), new()
        {
            ["direct_ms"] = Math.Round(direct.Median(), 3), ["through_ms"] = Math.Round(through.Median(), 3), ["added_p99_ms"] = Math.Round(through.Quantile(0.99) - direct.Quantile(0.99), 3), ["tokens"] = through.Count,
        });
    }

    // From the stub's writing of a piece to its arrival here.
    private static async Task<List<double>> PiecesAsync(Uri url)
    {
        using var client = new HttpClient { BaseAddress = url };
        using var request = new HttpRequestMessage(HttpMethod.Post, Path)
        {
            Content = new StringContent("""{"model":"stub","stream":true,"messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json"),
        };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var took = new List<double>();
        while (await reader.ReadLineAsync() is { } line)
        {
            const string mark = "\"content\":\"";
            var now = Stopwatch.GetTimestamp();
            if (line.IndexOf(mark, StringComparison.Ordinal) is >= 0 and var at)
            {
                var text = line.AsSpan(at + mark.Length);
                took.Add(Stopwatch.GetElapsedTime(long.Parse(text[..text.IndexOf(' ')], CultureInfo.InvariantCulture), now).TotalMilliseconds);
            }
        }

        return took.Count == 0 ? throw new InvalidOperationException("No piece arrived.") : took;
    }

    /// <summary>Growth of this process, both ends included, over 100,000 calls after 20,000 to warm up.</summary>
    private static async Task<Figure> MemoryAsync()
    {
        await using var stub = await StubModelServer.StartAsync();
        await using var place = await Place.StartAsync(stub);
        await BurstAsync(place.Url, 20_000);
        var (heapBefore, before) = Now();
        await BurstAsync(place.Url, 100_000);
        var (heapAfter, after) = Now();
        return new(after - before, new() { ["heap_growth_mib"] = Math.Round(heapAfter - heapBefore, 2), ["resident_mib"] = Math.Round(after, 1), ["calls"] = 100_000 });

        static (double Heap, double Resident) Now()
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return (GC.GetTotalMemory(forceFullCollection: true) / 1048576.0, ResidentMemory.OfThisProcess() ?? 0);
        }
    }

    private static async Task BurstAsync(Uri url, int calls)
    {
        var left = calls;
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            using var connection = await LoadConnection.OpenAsync(url);
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await connection.PostAsync(Path, Call, "");
            }
        })));
    }

    private sealed class Place(DirectoryInfo directory, IdeProviderRole role) : IAsyncDisposable
    {
        public Uri Url => role.Url;

        public static async Task<Place> StartAsync(StubModelServer stub)
        {
            var directory = Directory.CreateTempSubdirectory("edgecoder-benchmark-");
            var role = await IdeProviderRole.StartAsync(
                new()
                {
                    Listener = ListenerSettings.Loopback(0),
                    DataDirectory = System.IO.Path.Combine(directory.FullName, "ide"),
                    Inference = stub.Url,
                    InferenceToken = new string('t', 40),
                    Servers = [new("stub", new(stub.Url, "v1/"), null)],
                    LocalConcurrencyCap = 64,
                },
                work: null,
                TimeProvider.System,
                CancellationToken.None);
            return new(directory, role);
        }

        public async ValueTask DisposeAsync()
        {
            await role.DisposeAsync();
            directory.Delete(recursive: true);
        }
    }
}
