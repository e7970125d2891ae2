using EdgeCoder.Executor;
using EdgeCoder.Executor.Isolation;

namespace EdgeCoder.Benchmarks.Executor;

/// <summary>How programs are run for a measurement.</summary>
internal sealed record RunKind(SnippetLanguage Language, bool Warm, string? Only, JavaScriptEngine Engine)
{
    /// <summary>Whether the program comes with a test.</summary>
    public bool Tests { get; init; }

    /// <summary>The options of this kind.</summary>
    public ExecutorOptions In(ExecutorPlace place) => place.Options with { Warm = Warm, OnlyBackEnd = Only, JavaScript = Engine };
}

/// <summary>Times of single runs. Between two of them a bare interpreter is started, so that both are measured on the same machine in the same state.</summary>
internal static class RunMeasurements
{
    private const int Rounds = 200;

    /// <summary>A child of a zygote.</summary>
    public static readonly RunKind WarmPython = new(SnippetLanguage.Python, Warm: true, BackEnds.LauncherNamespaces, JavaScriptEngine.Auto);

    /// <summary>A process of its own.</summary>
    public static readonly RunKind ColdPython = WarmPython with { Warm = false };

    /// <summary>A fresh instance.</summary>
    public static readonly RunKind WebAssembly = new(SnippetLanguage.JavaScript, Warm: true, null, JavaScriptEngine.WebAssembly);

    /// <summary>A process that was started ahead.</summary>
    public static readonly RunKind WarmNode = new(SnippetLanguage.JavaScript, Warm: true, BackEnds.LauncherNamespaces, JavaScriptEngine.Node);

    /// <summary>One quantile of the times, in milliseconds.</summary>
    public static async Task<Figure> QuantileAsync(RunKind kind, double part)
    {
        var (runs, bare, why) = await MeasureAsync(kind);
        return why is not null ? Figure.Impossible(why) : new Figure(runs.Quantile(part), Details(runs, bare));
    }

    /// <summary>The middle of the times, over the middle of the bare starts.</summary>
    public static async Task<Figure> AgainstBareAsync(RunKind kind)
    {
        var (runs, bare, why) = await MeasureAsync(kind);
        return why is not null ? Figure.Impossible(why) : new Figure(runs.Median() / bare.Median(), Details(runs, bare));
    }

    /// <summary>A process of the launcher against one of bubblewrap.</summary>
    public static async Task<Figure> ColdAgainstBubblewrapAsync()
    {
        await using var place = new ExecutorPlace();
        var ours = await place.StartAsync(ColdPython.In(place), SnippetLanguage.Python);
        var theirs = await place.StartAsync((ColdPython with { Only = BackEnds.Bubblewrap }).In(place), SnippetLanguage.Python);
        var (mine, other) = (new List<double>(), new List<double>());
        for (var i = 0; i < Rounds / 4; i++)
        {
            other.Add(await ExecutorPlace.TimeAsync(() => ExecutorPlace.RunAsync(theirs, ExecutorPlace.Request(SnippetLanguage.Python))));
            mine.Add(await ExecutorPlace.TimeAsync(() => ExecutorPlace.RunAsync(ours, ExecutorPlace.Request(SnippetLanguage.Python))));
        }

        return new Figure(mine.Median() / other.Median(), new() { ["launcher_p50_ms"] = Math.Round(mine.Median(), 2), ["bubblewrap_p50_ms"] = Math.Round(other.Median(), 2), ["rounds"] = mine.Count });
    }

    private static async Task<(List<double> Runs, List<double> Bare, string? Why)> MeasureAsync(RunKind kind)
    {
        await using var place = new ExecutorPlace();
        var (interpreter, why) = await place.InterpreterAsync(kind.Language);
        if (interpreter is null)
        {
            return ([], [], why);
        }

        var executor = await place.StartAsync(kind.In(place), kind.Language);
        if (kind.Warm && kind.Engine != JavaScriptEngine.WebAssembly)
        {
            await ExecutorPlace.WarmUpAsync(executor, kind.Language);
        }

        string[] nothing = kind.Language == SnippetLanguage.Python ? ["-I", "-S", "-c", "pass"] : ["-e", "0"];
        var request = ExecutorPlace.Request(kind.Language, kind.Tests);
        var (runs, bare) = (new List<double>(), new List<double>());
        for (var i = 0; i < Rounds; i++)
        {
            // What has no process of its own is measured back to back: after an interpreter's start it would find none of its memory in the caches.
            if (kind.Engine != JavaScriptEngine.WebAssembly || i % 10 == 0)
            {
                bare.Add(await ExecutorPlace.TimeAsync(() => ExecutorPlace.BareAsync(interpreter, nothing)));
            }

            runs.Add(await ExecutorPlace.TimeAsync(() => ExecutorPlace.RunAsync(executor, request)));
        }

        return (runs, bare, null);
    }

    private static SortedDictionary<string, object> Details(List<double> runs, List<double> bare) => new()
    {
        ["rounds"] = runs.Count,
        ["p50_ms"] = Math.Round(runs.Median(), 2),
        ["p90_ms"] = Math.Round(runs.Quantile(0.9), 2),
        ["p99_ms"] = Math.Round(runs.Quantile(0.99), 2),
        ["bare_p50_ms"] = Math.Round(bare.Median(), 2),
    };
}
