using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests;

/// <summary>Short ways to run a snippet.</summary>
internal static class Snippets
{
    /// <summary>Limits of a program that is to come to its own end, also where the machine is slow or busy.</summary>
    public static readonly RequestedLimits Patient = new() { Time = TimeSpan.FromSeconds(30) };

    public static Task<RunResult> PythonAsync(this ICodeExecutor executor, string program, string? tests = null, RequestedLimits? limits = null, string? stdin = null) =>
        executor.RunAsync(Request(SnippetLanguage.Python, "py", program, tests, limits, stdin), TestContext.Current.CancellationToken);

    public static Task<RunResult> JavaScriptAsync(this ICodeExecutor executor, string program, string? tests = null, RequestedLimits? limits = null, string? stdin = null) =>
        executor.RunAsync(Request(SnippetLanguage.JavaScript, "js", program, tests, limits, stdin), TestContext.Current.CancellationToken);

    public static RunRequest Request(SnippetLanguage language, string extension, string program, string? tests, RequestedLimits? limits = null, string? stdin = null) => new()
    {
        Language = language,
        Files = [new($"solution.{extension}", program)],
        Tests = tests is null ? [] : [new($"test_solution.{extension}", tests)],
        Limits = limits ?? Patient,
        Stdin = stdin,
    };

    /// <summary>Everything about a result, for a failing assertion's message.</summary>
    public static string Show(this RunResult result) =>
        $"ok={result.Ok} exit={result.ExitCode} reason={result.QueueReason} detail={result.Detail} tests={result.Tests?.Passed}/{result.Tests?.Total} ms={result.DurationMs}+{result.StartupMs}\n--- stdout\n{result.Stdout}\n--- stderr\n{result.Stderr}\n{string.Join("\n", result.Tests?.Cases.Select(c => c.ToString()) ?? [])}";
}
