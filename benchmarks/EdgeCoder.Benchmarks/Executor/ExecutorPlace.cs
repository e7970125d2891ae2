using System.Diagnostics;
using EdgeCoder.Executor;

namespace EdgeCoder.Benchmarks.Executor;

/// <summary>A data directory of its own and the executors that use it.</summary>
internal sealed class ExecutorPlace : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("edgecoder-benchmark-");
    private readonly List<CodeExecutor> executors = [];

    /// <summary>Options with nothing but the data directory.</summary>
    public ExecutorOptions Options => new() { DataDirectory = directory.FullName };

    /// <summary>The interpreter of a language on this machine; null with the reason when there is none.</summary>
    public async Task<(string? Path, string Reason)> InterpreterAsync(SnippetLanguage language)
    {
        var report = await ExecutorProbe.RunAsync(Options, CancellationToken.None);
        var found = report.Interpreters[(int)language];
        return (found.State == SandboxState.Available ? found.Path : null, found.Reason);
    }

    /// <summary>An executor that has run a job of the language.</summary>
    public async Task<CodeExecutor> StartAsync(ExecutorOptions options, SnippetLanguage language)
    {
        var executor = new CodeExecutor(options, subset: true);
        executors.Add(executor);
        await executor.PrepareAsync(language, CancellationToken.None);
        await RunAsync(executor, Request(language));
        return executor;
    }

    /// <summary>Waits until an executor keeps processes that were proven, and has run on them.</summary>
    public static async Task WarmUpAsync(CodeExecutor executor, SnippetLanguage language)
    {
        await Task.Run(() => SpinWait.SpinUntil(() => executor.Kept > 0, Patience));
        for (var i = 0; i < 20; i++)
        {
            await RunAsync(executor, Request(language));
        }
    }

    /// <summary>Runs a request that must end well.</summary>
    public static async Task RunAsync(CodeExecutor executor, RunRequest request)
    {
        var result = await executor.RunAsync(request, CancellationToken.None);
        if (!result.Ok)
        {
            throw new InvalidOperationException(result.Stderr);
        }
    }

    /// <summary>A small function; with tests, one that calls it.</summary>
    public static RunRequest Request(SnippetLanguage language, bool tests = false)
    {
        var python = language == SnippetLanguage.Python;
        var extension = python ? "py" : "js";
        return new RunRequest
        {
            Language = language,
            Files = [new($"solution.{extension}", python ? "def add(a, b):\n    return a + b\n\nprint(add(1, 2))\n" : "function add(a, b) { return a + b }\nconsole.log(add(1, 2));\n")],
            Tests = !tests ? [] : [new($"test_solution.{extension}", python ? "assert add(1, 2) == 3\n" : "require('assert').equal(add(1, 2), 3)\n")],
        };
    }

    /// <summary>Milliseconds that something takes.</summary>
    public static async Task<double> TimeAsync(Func<Task> work)
    {
        var begin = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
    }

    /// <summary>Starts a program and waits for its end.</summary>
    public static async Task BareAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var executor in executors)
        {
            await executor.DisposeAsync();
        }

        directory.Delete(recursive: true);
    }
}
