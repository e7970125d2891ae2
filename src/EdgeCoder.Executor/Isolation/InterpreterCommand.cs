using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation;

/// <summary>How an interpreter is started, whatever isolates it: pure.</summary>
internal static class InterpreterCommand
{
    /// <summary>The whole environment.</summary>
    /// <param name="language">Language.</param>
    /// <param name="scratch">The directory in which the program may write.</param>
    public static IReadOnlyList<string> Environment(SnippetLanguage language, string scratch)
    {
        string[] common = ["PATH=/usr/bin:/bin", $"HOME={scratch}/home", $"TMPDIR={scratch}", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC", "NO_COLOR=1", "OPENSSL_CONF=/dev/null"];

        // One malloc arena: each further one reserves 64 MiB of address space, and the kernel does not hold reserved space that is made writable
        // later against RLIMIT_DATA once RLIMIT_AS is used up (mm/mprotect.c, mprotect_fixup).
        return language == SnippetLanguage.Python
            ? [.. common, "PYTHONHASHSEED=0", "PYTHONUTF8=1", "MALLOC_ARENA_MAX=1"]
            : [.. common, "UV_USE_IO_URING=0", "UV_THREADPOOL_SIZE=2"];
    }

    /// <summary>The argument vector that starts a runner, the interpreter's own name first.</summary>
    public static IReadOnlyList<string> Arguments(Interpreter interpreter, LimitPlan limits, string runner)
    {
        if (interpreter.Language == SnippetLanguage.JavaScript)
        {
            return
            [
                interpreter.Path, $"--max-old-space-size={limits.HeapMib}", "--random-seed=42", "--single-threaded-gc", "--v8-pool-size=1", "--stack-size=900", "--no-warnings", runner,
            ];
        }

        // -I would ignore PYTHONHASHSEED; -P keeps the script's directory off the path and exists since 3.11, the runner does the same before that.
        return Version.Parse(interpreter.Version) >= new Version(3, 11)
            ? [interpreter.Path, "-s", "-S", "-P", "-B", runner]
            : [interpreter.Path, "-s", "-S", "-B", runner];
    }
}
