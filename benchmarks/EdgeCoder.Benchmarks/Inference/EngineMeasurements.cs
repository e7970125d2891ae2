using System.Diagnostics;
using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Llama.Batching;
using EdgeCoder.Inference.Llama.Prompts;
using EdgeCoder.Inference.Llama.Sampling;

namespace EdgeCoder.Benchmarks.Inference;

/// <summary>What the engine does with several requests, with what it read before, and when it is disturbed.</summary>
internal static class EngineMeasurements
{
    public static async Task<Figure> EightStreamsAsync(string path)
    {
        using var model = LlamaModel.Load(path);
        using var engine = LlamaEngine.Start(model, new() { Slots = 8 });
        List<double> ratios = [], one = [], eight = [], work = [];
        for (var round = -1; round < 5; round++)
        {
            var start = Environment.CpuUsage.TotalTime;
            var single = await TokensPerSecondAsync(engine, streams: 1);
            var middle = Environment.CpuUsage.TotalTime;
            var together = await TokensPerSecondAsync(engine, streams: 8);
            if (round >= 0)
            {
                ratios.Add(together / single);
                one.Add(single);
                eight.Add(together);

                // Beside busy neighbours this shows what the clock on the wall cannot.
                work.Add(8 * (middle - start) / (Environment.CpuUsage.TotalTime - middle));
            }
        }

        return new(ratios.Median(), new()
        {
            ["one_tokens_per_second"] = Math.Round(one.Median()),
            ["eight_tokens_per_second"] = Math.Round(eight.Median()),
            ["ratio_by_processor_time"] = Math.Round(work.Median(), 2),
        });
    }

    public static async Task<Figure> WarmPrefixAsync(string path)
    {
        using var model = LlamaModel.Load(path);
        using var engine = LlamaEngine.Start(model, new() { Slots = 2 });
        List<double> cold = [], warm = [];
        for (var round = 0; round < 5; round++)
        {
            int[] prompt = [.. Enumerable.Range(0, 1024).Select(i => ((i * 7) + round) % 250)];
            cold.Add(await FirstTokenAsync(engine, prompt));
            warm.Add(await FirstTokenAsync(engine, [.. prompt, 1, 2, 3, 4]));
        }

        return new(cold.Median() / warm.Median(), new() { ["prompt_tokens"] = 1024, ["cold_ms"] = Math.Round(cold.Median(), 2), ["warm_ms"] = Math.Round(warm.Median(), 2) });
    }

    /// <summary>From the moment the caller gives up inside a long prompt until the engine has let go of the request.</summary>
    public static async Task<Figure> CancelAsync(string path)
    {
        using var model = LlamaModel.Load(path);
        using var engine = LlamaEngine.Start(model, new() { Slots = 2 });
        List<double> times = [];
        var random = new Random(1);
        for (var trial = 0; trial < 150; trial++)
        {
            using var source = new CancellationTokenSource();
            int[] prompt = [.. Enumerable.Range(0, 3000).Select(i => (i + trial) % 250)];
            var generation = engine.Submit(new() { Prompt = prompt, MaxTokens = 10, ReusePrefix = false }, source.Token);
            SpinFor(TimeSpan.FromMilliseconds(5 + (random.NextDouble() * 60)));
            if (generation.Completion.IsCompleted)
            {
                continue;
            }

            var start = Stopwatch.GetTimestamp();
            await source.CancelAsync();
            await generation.Completion.ContinueWith(_ => { }, TaskScheduler.Default);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return new(times.Quantile(0.99), new() { ["median_ms"] = Math.Round(times.Median(), 2), ["trials"] = times.Count });
    }

    /// <summary>A grammar that refuses nothing the model wants to say: the cost of asking it, in processor time.</summary>
    public static async Task<Figure> GrammarAsync(string path)
    {
        const string Fitting = "root ::= [^\\n]* ( \"\\n\" [^\\n]* )*\n";
        using var model = LlamaModel.Load(path);
        using var engine = LlamaEngine.Start(model, new() { Slots = 1 });
        List<double> ratios = [], free = [], bound = [];
        for (var round = -2; round < 15; round++)
        {
            var without = await DecodeSpeedAsync(engine, model, null);
            var with = await DecodeSpeedAsync(engine, model, Fitting);
            if (round >= 0)
            {
                ratios.Add(without / with);
                free.Add(without);
                bound.Add(with);
            }
        }

        return new(ratios.Median(), new() { ["free_tokens_per_processor_second"] = Math.Round(free.Median()), ["bound_tokens_per_processor_second"] = Math.Round(bound.Median()) });
    }

    /// <summary>Speed beside two programs that never rest, against the speed without them, by turns.</summary>
    public static async Task<Figure> BusyNeighboursAsync(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Figure.Impossible("the neighbours are shell loops on Linux");
        }

        using var model = LlamaModel.Load(path);
        using var engine = LlamaEngine.Start(model, new() { Slots = 1 });
        await TokensPerSecondAsync(engine, streams: 1);
        List<double> quiet = [], busy = [];
        for (var round = 0; round < 5; round++)
        {
            quiet.Add(await TokensPerSecondAsync(engine, streams: 1));
            List<Process> neighbours = [.. Enumerable.Range(0, 2).Select(_ => Process.Start(new ProcessStartInfo("sh", ["-c", "while :; do :; done"]))!)];
            try
            {
                busy.Add(await TokensPerSecondAsync(engine, streams: 1));
            }
            finally
            {
                neighbours.ForEach(neighbour =>
                {
                    neighbour.Kill();
                    neighbour.Dispose();
                });
            }
        }

        return new(busy.Median() / quiet.Median(), new() { ["quiet_tokens_per_second"] = Math.Round(quiet.Median()), ["busy_tokens_per_second"] = Math.Round(busy.Median()), ["threads"] = engine.Threads });
    }

    private static async Task<double> TokensPerSecondAsync(LlamaEngine engine, int streams)
    {
        var start = Stopwatch.GetTimestamp();
        var all = Enumerable.Range(0, streams).Select(stream => engine.Submit(
            new() { Prompt = [stream, 1, 2, 3], MaxTokens = 64, IgnoreEnd = true, ReusePrefix = false }, CancellationToken.None)).ToList();
        var results = await Task.WhenAll(all.Select(generation => generation.Completion));
        return results.Sum(result => result.GeneratedTokens) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> FirstTokenAsync(LlamaEngine engine, int[] prompt)
    {
        var result = await engine.Submit(new() { Prompt = prompt, MaxTokens = 1, IgnoreEnd = true }, CancellationToken.None).Completion;
        return result.ToFirstToken.TotalMilliseconds;
    }

    private static async Task<double> DecodeSpeedAsync(LlamaEngine engine, LlamaModel model, string? grammar)
    {
        var request = new GenerationRequest
        {
            Prompt = ChatPrompt.Render(model, [new("user", "code python: write a function that adds two numbers")]).Tokens,
            MaxTokens = 150,
            ReusePrefix = false,
            Sampling = new SamplingOptions { Grammar = grammar },
        };
        var start = Environment.CpuUsage.TotalTime;
        var result = await engine.Submit(request, CancellationToken.None).Completion;
        return result.GeneratedTokens / (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    private static void SpinFor(TimeSpan time)
    {
        var start = Stopwatch.GetTimestamp();
        SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(start) >= time);
    }
}
