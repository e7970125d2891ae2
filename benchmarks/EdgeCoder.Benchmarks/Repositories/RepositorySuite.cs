using System.Diagnostics;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.RepositoryMaps;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Search;
using EdgeCoder.Agent.Secrets;

namespace EdgeCoder.Benchmarks.Repositories;

/// <summary>The map of a project and the search through it, as the agent uses them: ignore rules, secret-file policy and containment included.</summary>
internal static class RepositorySuite
{
    private const int Rounds = 7;
    private const int MapFiles = 5_000;
    private const int MapFileBytes = 6_000;
    private const int SearchFiles = 10_000;
    private const int SearchFileBytes = 10_000;

    /// <summary>The measurements; trees are made when the first of them needs one and go at the end of the process.</summary>
    public static IReadOnlyList<Measurement> Measurements()
    {
        var map = Kept(() => new GeneratedTree(MapFiles, MapFileBytes));
        var search = Kept(() => new GeneratedTree(SearchFiles, SearchFileBytes));
        return
        [
            new("map_cold", "s", Goal.AtMost, 2, () => MapAsync(map.Value, keepIndex: false, 1)),
            new("map_warm", "ms", Goal.AtMost, 200, () => MapAsync(map.Value, keepIndex: true, 1_000)),
            new("search_word_over_grep", "ratio", Goal.AtMost, 2, () => SearchAsync(search.Value, "_report_907_")),
            new("search_rare_pattern_over_grep", "ratio", Goal.AtMost, 2, () => SearchAsync(search.Value, "(order|token)_4[0-9]+_3\\(")),
            new("search_common_word_over_grep", "ratio", Goal.AtMost, 2, () => SearchAsync(search.Value, "return")),
            new("search_class_pattern_over_grep", "ratio", Goal.AtMost, 2, () => SearchAsync(search.Value, "[a-z]+_[0-9]{3}7_[0-9]\\([a-z]+\\)")),
        ];
    }

    private static Lazy<GeneratedTree> Kept(Func<GeneratedTree> make) => new(() =>
    {
        var tree = make();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => tree.Dispose();
        return tree;
    });

    private static async Task<Figure> MapAsync(GeneratedTree tree, bool keepIndex, double unit)
    {
        var data = Directory.CreateTempSubdirectory("edgecoder-map-").FullName;
        try
        {
            List<double> times = [], processors = [];
            var made = default(RepositoryMap);
            for (var round = keepIndex ? -1 : 0; round < Rounds; round++)
            {
                // Each round is a new session: everything is opened anew, and only the index may be there already.
                var clock = Stopwatch.StartNew();
                var processor = Process.GetCurrentProcess().TotalProcessorTime;
                using var root = ProjectRoot.Open(tree.Path);
                using var mapper = new RepositoryMapper(root, SecretFilePolicy.Default, IgnoreRules.Create(root), MapCache.PathOf(data, keepIndex ? tree.Path : $"{tree.Path}{round}"));
                made = await mapper.BuildAsync(Request(), CancellationToken.None);
                if (round >= 0)
                {
                    processors.Add((Process.GetCurrentProcess().TotalProcessorTime - processor).TotalMilliseconds);
                    times.Add(clock.Elapsed.TotalSeconds * unit);
                }
            }

            return new(times.Median(), new() { ["first"] = Math.Round(times[0], 3), ["worst"] = Math.Round(times.Max(), 3), ["files"] = made!.Files, ["processor_ms"] = Math.Round(processors.Median()), ["symbols"] = made.Symbols, ["megabytes"] = tree.Bytes / 1_000_000 });
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static MapRequest Request() => new()
    {
        Task = "make parse_date_16_0 accept ISO week dates",
        Window = 32_768,
        CountTokens = (text, _) => ValueTask.FromResult(text.Length / 3),
    };

    private static async Task<Figure> SearchAsync(GeneratedTree tree, string pattern)
    {
        using var root = ProjectRoot.Open(tree.Path);
        var files = new ProjectFiles(root, SecretFilePolicy.Default, IgnoreRules.Create(root), new ReadLedger());
        List<double> ours = [], greps = [], processors = [];
        long found = 0, lines = 0;
        for (var round = -1; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            lines = await GrepAsync(tree.Path, pattern);
            var grep = clock.Elapsed.TotalMilliseconds;
            var processor = Process.GetCurrentProcess().TotalProcessorTime;
            clock.Restart();
            found = (await FileSearch.RunAsync(files, new() { Pattern = pattern }, CancellationToken.None)).Total;
            if (round >= 0)
            {
                processors.Add((Process.GetCurrentProcess().TotalProcessorTime - processor).TotalMilliseconds);
                ours.Add(clock.Elapsed.TotalMilliseconds);
                greps.Add(grep);
            }
        }

        return found != lines
            ? throw new InvalidOperationException($"grep found {lines} lines, the search {found}")
            : new(ours.Median() / greps.Median(), new() { ["search_ms"] = Math.Round(ours.Median(), 1), ["grep_ms"] = Math.Round(greps.Median(), 1), ["lines"] = lines, ["search_processor_ms"] = Math.Round(processors.Median()), ["megabytes"] = tree.Bytes / 1_000_000 });
    }

    /// <summary>grep writes what it finds, and somebody reads it: into a null device it would stop at the first line.</summary>
    private static async Task<long> GrepAsync(string directory, string pattern)
    {
        var start = new ProcessStartInfo("grep") { RedirectStandardOutput = true };
        foreach (var argument in (string[])["-rE", "-e", pattern, "--", directory])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("grep did not start");
        var buffer = new byte[1 << 16];
        var lines = 0L;
        while (await process.StandardOutput.BaseStream.ReadAsync(buffer) is var read and > 0)
        {
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        }

        await process.WaitForExitAsync();
        return lines;
    }
}
