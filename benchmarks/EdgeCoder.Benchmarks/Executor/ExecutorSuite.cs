using System.Diagnostics;
using EdgeCoder.Executor;

namespace EdgeCoder.Benchmarks.Executor;

/// <summary>What a run in the sandbox costs, against a bare start of the same interpreter in the same run of this program.</summary>
internal static class ExecutorSuite
{
    private const int Rounds = 40;
    private const int DeadlineRounds = 60;
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(100);

    /// <summary>The rows.</summary>
    public static IReadOnlyList<Measurement> Measurements { get; } =
    [
        new("python_run_vs_bare", "ratio", Goal.AtMost, null, () => AgainstBareAsync(SnippetLanguage.Python, tests: false)),
        new("python_tests_vs_bare", "ratio", Goal.AtMost, null, () => AgainstBareAsync(SnippetLanguage.Python, tests: true)),
        new("javascript_run_vs_bare", "ratio", Goal.AtMost, null, () => AgainstBareAsync(SnippetLanguage.JavaScript, tests: false)),
        new("javascript_tests_vs_bare", "ratio", Goal.AtMost, null, () => AgainstBareAsync(SnippetLanguage.JavaScript, tests: true)),
        new("deadline_overshoot_p99", "ms", Goal.AtMost, 25, DeadlineAsync),
        new("self_test", "ms", Goal.AtMost, null, SelfTestAsync),
    ];

    private static async Task<Figure> AgainstBareAsync(SnippetLanguage language, bool tests)
    {
        using var data = new DataDirectory();
        var executor = CodeExecutor.Create(data.Options);
        var report = await ExecutorProbe.RunAsync(data.Options, CancellationToken.None);
        if (report.Interpreters[(int)language] is not { Path: { } interpreter, State: SandboxState.Available } found)
        {
            return Figure.Impossible(report.Interpreters[(int)language].Reason);
        }

        var python = language == SnippetLanguage.Python;
        var request = Request(language, tests);
        await executor.RunAsync(request, CancellationToken.None);
        var sandboxed = new List<double>();
        var bare = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            bare.Add(await TimeAsync(() => StartAsync(interpreter, python ? ["-I", "-S", "-c", "pass"] : ["-e", "0"])));
            sandboxed.Add(await TimeAsync(async () =>
            {
                var result = await executor.RunAsync(request, CancellationToken.None);
                if (!result.Ok)
                {
                    throw new InvalidOperationException(result.Stderr);
                }
            }));
        }

        return new Figure(sandboxed.Median() / bare.Median(), new()
        {
            ["rounds"] = Rounds,
            ["sandboxed_p50_ms"] = Math.Round(sandboxed.Median(), 1),
            ["sandboxed_p99_ms"] = Math.Round(sandboxed.Quantile(0.99), 1),
            ["bare_p50_ms"] = Math.Round(bare.Median(), 1),
            ["version"] = found.Version!,
        });
    }

    private static async Task<Figure> DeadlineAsync()
    {
        using var data = new DataDirectory();
        var executor = CodeExecutor.Create(data.Options);
        var request = new RunRequest { Language = SnippetLanguage.Python, Files = [new("solution.py", "while True: pass")], Limits = new() { Time = Deadline } };
        var over = new List<double>();
        for (var i = 0; i < DeadlineRounds; i++)
        {
            var result = await executor.RunAsync(request, CancellationToken.None);
            over.Add(result.DurationMs - Deadline.TotalMilliseconds);
        }

        return new Figure(over.Quantile(0.99), new() { ["rounds"] = DeadlineRounds, ["p50_ms"] = over.Median() });
    }

    private static async Task<Figure> SelfTestAsync()
    {
        using var data = new DataDirectory();
        var both = await TimeAsync(() => ExecutorProbe.RunAsync(data.Options, CancellationToken.None));
        return new Figure(both, new() { ["languages"] = 2 });
    }

    private static RunRequest Request(SnippetLanguage language, bool tests)
    {
        var python = language == SnippetLanguage.Python;
        var extension = python ? "py" : "js";
        return new RunRequest
        {
            Language = language,
            Files = [new($"solution.{extension}", python ? "def add(a, b):\n    return a + b\n" : "function add(a, b) { return a + b }\n")],
            Tests = !tests ? [] : [new($"test_solution.{extension}", python ? "assert add(1, 2) == 3\n" : "require('assert').equal(add(1, 2), 3)\n")],
        };
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var begin = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
    }

    private static async Task StartAsync(string program, string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
    }

    private sealed class DataDirectory : IDisposable
    {
        private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("edgecoder-benchmark-");

        public ExecutorOptions Options => new() { DataDirectory = directory.FullName };

        public void Dispose() => directory.Delete(recursive: true);
    }
}
