using System.Diagnostics;
using System.Text.Json.Nodes;

namespace EdgeCoder.Benchmarks.Runs;

/// <summary>The main job as a person starts it, warm: the start script, the program, the model worker and the sandbox.</summary>
internal static class RunSuite
{
    private const int Rounds = 15;
    private const string Request = "write a function that merges two dictionaries";

    /// <summary>The measurements. All of them come from the same interleaved rounds.</summary>
    public static IReadOnlyList<Measurement> Measurements()
    {
        var rounds = new Lazy<Task<Round[]>>(MeasureAsync);
        return
        [
            new("run_total", "s", Goal.AtMost, 3, () => FigureAsync(rounds, round => round.Run.TotalMs / 1000)),
            new("run_first_event", "s", Goal.AtMost, 1, () => FigureAsync(rounds, round => round.Run.FirstEventMs / 1000)),
            new("run_own_time", "ms", Goal.AtMost, 300, () => FigureAsync(rounds, Own)),
            new("run_peak_memory", "MB", Goal.AtMost, 300, () => FigureAsync(rounds, round => round.Run.PeakBytes / 1e6)),
            new("repository_first_event", "ms", Goal.AtMost, 300, RepositoryFirstEventAsync),
            new("run_over_bare_start", "ratio", Goal.AtMost, null, () => FigureAsync(rounds, round => round.Run.TotalMs / round.BareStartMs)),
        ];
    }

    /// <summary>
    /// What neither the model nor the sandbox had: the session's own part, and what comes before and after the session, less what opening the
    /// model takes by itself.
    /// </summary>
    private static double Own(Round round) => round.Run.OwnMs + Math.Max(0, round.Run.TotalMs - round.Run.SessionMs - round.ModelOpenMs);

    private static async Task<Figure> FigureAsync(Lazy<Task<Round[]>> rounds, Func<Round, double> value)
    {
        var measured = await rounds.Value;
        return new(measured.Select(value).Median(), new()
        {
            ["rounds"] = measured.Length,
            ["succeeded"] = measured.Count(round => round.Run.Succeeded),
            ["worst"] = Math.Round(measured.Max(value), 3),
            ["bare_start_ms"] = Math.Round(measured.Select(round => round.BareStartMs).Median(), 1),
            ["model_open_ms"] = Math.Round(measured.Select(round => round.ModelOpenMs).Median(), 1),
            ["session_ms"] = Math.Round(measured.Select(round => round.Run.SessionMs).Median(), 1),
            ["session_own_ms"] = Math.Round(measured.Select(round => round.Run.OwnMs).Median(), 1),
        });
    }

    private static async Task<Round[]> MeasureAsync()
    {
        var script = Path.Combine(Environment.CurrentDirectory, "edgecoder");
        var program = Path.Combine(Environment.CurrentDirectory, "artifacts", "program", "current", "edgecoder");
        if (!File.Exists(script) || !File.Exists(program))
        {
            throw new InvalidOperationException("Run this in the root of the repository, after ./edgecoder --build-only.");
        }

        var data = Directory.CreateTempSubdirectory("edgecoder-benchmark-").FullName;
        try
        {
            // The first start tests the sandbox and remembers that it holds; what is measured is every start after it.
            await MeasuredRun.OfAsync(script, Arguments, data);
            var rounds = new Round[Rounds];
            for (var i = 0; i < Rounds; i++)
            {
                var bare = (await MeasuredRun.OfAsync(program, ["--version"], data)).TotalMs;
                var open = await ModelOpenAsync(program);
                rounds[i] = new(await MeasuredRun.OfAsync(script, Arguments, data), bare, open);
            }

            return rounds;
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>A request in a repository, from the start script to the first line. The demonstration model is too small for the work itself, so it ends after that.</summary>
    private static async Task<Figure> RepositoryFirstEventAsync()
    {
        var script = Path.Combine(Environment.CurrentDirectory, "edgecoder");
        var directory = Directory.CreateTempSubdirectory("edgecoder-benchmark-");
        try
        {
            var project = directory.CreateSubdirectory("project").FullName;
            string[] arguments = ["run", "make parse_date accept ISO week dates", "--repo", "--root", project, "--trust", "--model", "edgecoder-demo", "--json"];
            var times = new double[Rounds];
            for (var round = -1; round < Rounds; round++)
            {
                var run = await MeasuredRun.OfAsync(script, arguments, Path.Combine(directory.FullName, "data"));
                if (round >= 0)
                {
                    times[round] = run.FirstEventMs;
                }
            }

            return new(times.Median(), new() { ["rounds"] = Rounds, ["worst"] = Math.Round(times.Max(), 1) });
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string[] Arguments => ["run", "--snippet", Request, "--model", "edgecoder-demo", "--json"];

    private static async Task<double> ModelOpenAsync(string program)
    {
        var start = new ProcessStartInfo(program, ["llm-worker"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_TieredPGO"] = "0";
        var model = Path.Combine(Path.GetDirectoryName(program)!, "models", "edgecoder-demo.gguf");
        var clock = Stopwatch.StartNew();
        using var worker = Process.Start(start) ?? throw new InvalidOperationException("the model worker did not start");
        await worker.StandardInput.WriteLineAsync(new JsonObject { ["id"] = 1, ["load"] = new JsonObject { ["path"] = model } }.ToJsonString());
        await worker.StandardInput.FlushAsync();
        while (await worker.StandardOutput.ReadLineAsync() is { } line && !line.Contains("\"loaded\"", StringComparison.Ordinal))
        {
        }

        var opened = clock.Elapsed.TotalMilliseconds;
        worker.StandardInput.Close();
        await worker.WaitForExitAsync();
        return opened;
    }

    private sealed record Round(MeasuredRun Run, double BareStartMs, double ModelOpenMs);
}
