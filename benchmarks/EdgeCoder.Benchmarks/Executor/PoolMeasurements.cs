using System.Diagnostics;
using System.Globalization;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Isolation.WebAssembly;

namespace EdgeCoder.Benchmarks.Executor;

/// <summary>What pools cost and give: time until they are ready, jobs in a second, memory while nothing is done, and how late a deadline is kept.</summary>
internal static class PoolMeasurements
{
    private const int Starts = 10;
    private const int Jobs = 600;
    private const int AtOnce = 4;
    private const int DeadlineRounds = 60;
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>From the first call until a process is warm, on a machine that has proven the sandbox before.</summary>
    public static async Task<Figure> PythonReadyAsync()
    {
        await using var place = new ExecutorPlace();
        var options = RunMeasurements.WarmPython.In(place);
        await ExecutorPlace.WarmUpAsync(await place.StartAsync(options, SnippetLanguage.Python), SnippetLanguage.Python);
        var times = new List<double>();
        for (var i = 0; i < Starts; i++)
        {
            await using var executor = new CodeExecutor(options, subset: true);
            times.Add(await ExecutorPlace.TimeAsync(async () =>
            {
                await executor.PrepareAsync(SnippetLanguage.Python, CancellationToken.None);
                SpinWait.SpinUntil(() => executor.Kept > 0, Patience);
            }));
        }

        return new Figure(times.Median(), new() { ["starts"] = Starts, ["most_ms"] = Math.Round(times.Max(), 1) });
    }

    /// <summary>From the compiled image on disk to an engine with its snapshot.</summary>
    public static async Task<Figure> WebAssemblyReadyAsync()
    {
        await using var place = new ExecutorPlace();
        var compiled = 0.0;
        var (times, proven) = (new List<double>(), new List<double>());
        for (var i = 0; i <= Starts; i++)
        {
            WasmReadiness? ready = null;
            var time = await ExecutorPlace.TimeAsync(async () => ready = await WasmReadiness.FindAsync(place.Options, CancellationToken.None));
            await using (ready!.Sandbox)
            {
                if (ready.Sandbox is null)
                {
                    return Figure.Impossible(ready.Refusal!.Message);
                }

                if (i == 0)
                {
                    compiled = time;
                }
                else
                {
                    times.Add(ready.Sandbox.Engine.Preparation.TotalMilliseconds);
                    proven.Add(time);
                }
            }
        }

        return new Figure(times.Median(), new() { ["starts"] = Starts, ["most_ms"] = Math.Round(times.Max(), 1), ["with_canaries_ms"] = Math.Round(proven.Median(), 1), ["with_compilation_ms"] = Math.Round(compiled, 0) });
    }

    /// <summary>Small Python jobs, each in fresh namespaces, several at once.</summary>
    public static async Task<Figure> ThroughputAsync()
    {
        await using var place = new ExecutorPlace();
        var executor = await place.StartAsync(RunMeasurements.WarmPython.In(place), SnippetLanguage.Python);
        await ExecutorPlace.WarmUpAsync(executor, SnippetLanguage.Python);
        var request = ExecutorPlace.Request(SnippetLanguage.Python);
        var time = await ExecutorPlace.TimeAsync(() => Parallel.ForAsync(0, Jobs, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, _) => await ExecutorPlace.RunAsync(executor, request)));
        return new Figure(Jobs / time * 1000, new() { ["jobs"] = Jobs, ["at_once"] = AtOnce, ["seconds"] = Math.Round(time / 1000, 2) });
    }

    /// <summary>Proportional set size of everything that a pool keeps while it waits: launchers, zygotes, waiting children.</summary>
    public static async Task<Figure> IdleMemoryAsync()
    {
        await using var place = new ExecutorPlace();
        var executor = await place.StartAsync(RunMeasurements.WarmPython.In(place), SnippetLanguage.Python);
        await ExecutorPlace.WarmUpAsync(executor, SnippetLanguage.Python);
        var processes = Children(Environment.ProcessId).ToList();
        var bytes = processes.Sum(Pss);
        return new Figure(bytes / 1e6, new() { ["processes"] = processes.Count, ["sandboxed"] = executor.Kept });
    }

    /// <summary>How much longer than its limit an endless program runs.</summary>
    public static async Task<Figure> DeadlineAsync(RunKind kind, string program)
    {
        await using var place = new ExecutorPlace();
        var executor = await place.StartAsync(kind.In(place), kind.Language);
        if (kind.Engine != JavaScriptEngine.WebAssembly)
        {
            await ExecutorPlace.WarmUpAsync(executor, kind.Language);
        }

        var request = new RunRequest { Language = kind.Language, Files = [new(kind.Language == SnippetLanguage.Python ? "solution.py" : "solution.js", program)], Limits = new() { Time = Deadline } };
        var over = new List<double>();
        for (var i = 0; i < DeadlineRounds; i++)
        {
            var begin = Stopwatch.GetTimestamp();
            var result = await executor.RunAsync(request, CancellationToken.None);
            over.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds - Deadline.TotalMilliseconds);
            if (result.Detail?.Code is not ("timeout_wall" or "timeout_fuel"))
            {
                throw new InvalidOperationException(result.Stderr);
            }
        }

        return new Figure(over.Quantile(0.99), new() { ["rounds"] = DeadlineRounds, ["p50_ms"] = Math.Round(over.Median(), 1) });
    }

    /// <summary>The self-tests of all back-ends.</summary>
    public static async Task<Figure> SelfTestAsync()
    {
        await using var place = new ExecutorPlace();
        SandboxReport? report = null;
        var time = await ExecutorPlace.TimeAsync(async () => report = await ExecutorProbe.RunAsync(place.Options, CancellationToken.None));
        return new Figure(time, new() { ["back_ends"] = report!.Attempts.Count(attempt => attempt.State == SandboxState.Available), ["attempts_contained"] = report.Canaries.Count(canary => canary.Contained) });
    }

    private static IEnumerable<int> Children(int process)
    {
        foreach (var child in Directory.EnumerateDirectories($"/proc/{process}/task").SelectMany(task => Read(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(text => int.Parse(text, CultureInfo.InvariantCulture)))
        {
            yield return child;
            foreach (var further in Children(child))
            {
                yield return further;
            }
        }
    }

    private static long Pss(int process)
    {
        var line = Read($"/proc/{process}/smaps_rollup").Split('\n').FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    // What ended meanwhile has nothing.
    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
