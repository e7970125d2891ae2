using System.Text;
using EdgeCoder.Executor.Subset;

namespace EdgeCoder.Executor.Runners;

/// <summary>The programs that run snippets inside the sandbox, from this assembly's resources.</summary>
internal sealed record RunnerFiles
{
    /// <summary>Names and contents, the one that is started first.</summary>
    public required IReadOnlyList<(string Name, byte[] Content)> Files { get; init; }

    /// <summary>The files for a language. The Python runner begins with the subset's table.</summary>
    public static RunnerFiles For(SnippetLanguage language) => language == SnippetLanguage.Python ? Python : JavaScript;

    /// <summary>What starts before the runner on macOS.</summary>
    public static byte[] Seatbelt => field ??= Resource("Python/seatbelt.py");

    private static RunnerFiles Python => field ??= new()
    {
        Files =
        [
            ("runner.py", [.. Encoding.UTF8.GetBytes(PythonSubset.RunnerTable()), .. Resource("Python/runner.py")]),
            ("testing.py", Resource("Python/testing.py")),
            ("pytest_shim.py", Resource("Python/pytest_shim.py")),
            ("zygote.py", Resource("Python/zygote.py")),
        ],
    };

    private static RunnerFiles JavaScript => field ??= new()
    {
        Files = [.. new[] { "runner.js", "loading.js", "testing.js" }.Select(name => (name, Resource("JavaScript/" + name)))],
    };

    /// <summary>The files for JavaScript in WebAssembly, in the order in which they are loaded; loading files and tests is the same as in node.</summary>
    public static RunnerFiles WebAssembly => field ??= new()
    {
        Files =
        [
            ("runner.js", Resource("WebAssembly/runner.js")),
            ("loading.js", Resource("JavaScript/loading.js")),
            .. new[] { "inspect.js", "util.js", "assert.js", "console.js", "timers.js", "events.js", "language.js" }.Select(name => (name, Resource("WebAssembly/" + name))),
            ("testing.js", Resource("JavaScript/testing.js")),
        ],
    };

    private static byte[] Resource(string name)
    {
        using var stream = typeof(RunnerFiles).Assembly.GetManifestResourceStream($"Runners/{name}")
            ?? throw new InvalidOperationException($"The assembly lacks the runner {name}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
