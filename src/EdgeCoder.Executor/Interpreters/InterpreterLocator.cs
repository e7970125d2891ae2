using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Entry;

namespace EdgeCoder.Executor.Interpreters;

/// <summary>
/// Finds the real interpreter behind whatever is on PATH: a shim costs 100 ms at every start and cannot run in the sandbox, so each candidate is asked once
/// where it really is.
/// </summary>
internal static class InterpreterLocator
{
    private static readonly Version OldestPython = new(3, 8);
    private static readonly Version OldestNode = new(18, 0);

    // Version, real program, standard library directories.
    private const string PythonQuestion = """
        import sys, os, glob
        print("%d.%d.%d" % sys.version_info[:3])
        print(os.path.realpath(sys.executable))
        for path in sys.path + glob.glob(sys.base_prefix + "/lib/libpython*.so*"):
            print(path)
        """;

    private const string NodeQuestion = "process.versions.node + '\\n' + process.execPath";

    /// <summary>The first usable interpreter, or why there is none.</summary>
    /// <param name="language">Language.</param>
    /// <param name="configured">Path that was configured: then only this one counts.</param>
    /// <param name="searchPath">PATH.</param>
    /// <param name="everybody">Whether it must be readable by every user, because the sandbox is started by another one.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public static async Task<(Interpreter? Interpreter, SandboxRefusal? Refusal)> FindAsync(
        SnippetLanguage language, string? configured, string searchPath, bool everybody, CancellationToken cancellationToken)
    {
        var python = language == SnippetLanguage.Python;
        var candidates = configured is not null ? [configured]
            : python ? ExecutableFile.All("python3", searchPath).Concat(ExecutableFile.All("python", searchPath)) : ExecutableFile.All("node", searchPath).Concat(ExecutableFile.All("nodejs", searchPath));
        var faults = new List<string>();
        foreach (var candidate in candidates)
        {
            var (found, fault) = await AskAsync(language, candidate, everybody, cancellationToken).ConfigureAwait(false);
            if (found is not null)
            {
                return (found, null);
            }

            faults.Add(fault!);
        }

        var name = python ? $"Python {OldestPython} or newer" : $"Node.js {OldestNode.Major} or newer";
        return (null, new(
            $"{name} was not found" + (faults.Count == 0 ? "" : $" ({string.Join("; ", faults)})"),
            python ? "apt-get install python3" : "apt-get install nodejs"));
    }

    private static async Task<(Interpreter? Found, string? Fault)> AskAsync(SnippetLanguage language, string candidate, bool everybody, CancellationToken cancellationToken)
    {
        var python = language == SnippetLanguage.Python;
        var answer = await ExecutableFile.AskAsync(candidate, python ? ["-I", "-S", "-c", PythonQuestion] : ["-p", NodeQuestion], cancellationToken).ConfigureAwait(false);
        var lines = answer.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length < 2 || !Version.TryParse(lines[0], out var version) || !File.Exists(lines[1]))
        {
            return (null, $"{candidate} does not answer");
        }

        if (version < (python ? OldestPython : OldestNode))
        {
            return (null, $"{candidate} is version {version}");
        }

        var path = lines[1];
        List<string> reads = [path, .. lines.Skip(2).Where(Path.Exists)];
        if (reads.Find(read => read.StartsWith(EntryProgram.ScratchPath + "/", StringComparison.Ordinal)) is { } hidden)
        {
            return (null, $"{candidate} is really {path}, and {hidden} lies in {EntryProgram.ScratchPath}, where every program has a directory of its own");
        }

        return everybody && reads.Find(read => !ExecutableFile.ReadableByEverybody(read)) is { } closed
            ? (null, $"{candidate} is really {path}, and {closed} cannot be read by other users")
            : (new Interpreter { Language = language, Path = path, Version = lines[0], Reads = [.. reads.Distinct(StringComparer.Ordinal)], FileStamp = ExecutableFile.Stamp(path) }, null);
    }
}
