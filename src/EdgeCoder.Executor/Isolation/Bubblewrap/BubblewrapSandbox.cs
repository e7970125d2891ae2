using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Runners;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Isolation.Bubblewrap;

/// <summary>Bubblewrap, one interpreter and its runner: what a job needs to become a process.</summary>
internal sealed class BubblewrapSandbox : ISandbox
{
    private static readonly string[] CommonEnvironment = ["PATH=/usr/bin:/bin", "HOME=/tmp/home", "TMPDIR=/tmp", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC", "NO_COLOR=1", "OPENSSL_CONF=/dev/null"];

    // One malloc arena: each further one reserves 64 MiB of address space, and the kernel does not hold reserved space that is made writable
    // later against RLIMIT_DATA once RLIMIT_AS is used up (mm/mprotect.c, mprotect_fixup).
    private static readonly string[] PythonEnvironment = [.. CommonEnvironment, "PYTHONHASHSEED=0", "PYTHONUTF8=1", "MALLOC_ARENA_MAX=1"];

    private static readonly string[] NodeEnvironment = [.. CommonEnvironment, "UV_USE_IO_URING=0", "UV_THREADPOOL_SIZE=2"];

    private readonly BubblewrapTool tool;
    private readonly MachineArchitecture architecture;
    private readonly RunnerFiles runner;
    private readonly TimeProvider time;

    /// <summary>Puts them together.</summary>
    public BubblewrapSandbox(BubblewrapTool tool, Interpreter interpreter, MachineArchitecture architecture, TimeProvider time)
    {
        this.time = time;
        this.tool = tool;
        this.architecture = architecture;
        Interpreter = interpreter;
        runner = RunnerFiles.For(interpreter.Language);
        Identity = new SandboxIdentity { Backend = "namespaces", Digest = Digest() };
    }

    /// <summary>The interpreter.</summary>
    public Interpreter Interpreter { get; }

    /// <inheritdoc/>
    public SnippetLanguage Language => Interpreter.Language;

    /// <inheritdoc/>
    public SandboxIdentity Identity { get; }

    /// <summary>Arguments that the self-test's own tests add to break the sandbox on purpose; empty otherwise.</summary>
    public IReadOnlyList<string> Weakening { get; init; } = [];

    /// <inheritdoc/>
    public Task<SandboxOutcome> RunAsync(SandboxJob job, CancellationToken cancellationToken) => SandboxRun.RunAsync(Command(job.Limits), job, time, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private SandboxCommand Command(LimitPlan limits)
    {
        var arguments = BubblewrapCommand.Arguments(Interpreter, [.. runner.Files.Select(file => file.Name)], Weakening);
        var (launcher, vector) = tool.Command(arguments);
        return new SandboxCommand
        {
            Launcher = launcher,
            Arguments = vector,
            Files = [EntryProgram.Build(architecture, limits.ToEntryPlan(Interpreter.Path, InterpreterArguments(limits), Environment)), .. runner.Files.Select(file => file.Content)],
        };
    }

    private string[] Environment => Interpreter.Language == SnippetLanguage.Python ? PythonEnvironment : NodeEnvironment;

    private List<string> InterpreterArguments(LimitPlan limits)
    {
        var file = $"{BubblewrapCommand.RunnerDirectory}/{runner.Files[0].Name}";
        if (Interpreter.Language == SnippetLanguage.JavaScript)
        {
            return
            [
                Interpreter.Path, $"--max-old-space-size={limits.HeapMib}", "--random-seed=42", "--single-threaded-gc", "--v8-pool-size=1", "--stack-size=900", "--no-warnings", file,
            ];
        }

        // -I would ignore PYTHONHASHSEED; -P keeps the script's directory off the path and exists since 3.11, the runner does the same before that.
        return Version.Parse(Interpreter.Version) >= new Version(3, 11)
            ? [Interpreter.Path, "-s", "-S", "-P", "-B", file]
            : [Interpreter.Path, "-s", "-S", "-B", file];
    }

    // What decides how a program behaves here: bubblewrap, the interpreter, the entry program with its filter, the runner.
    private string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var plan = LimitPlan.Read(Interpreter.Language, new RequestedLimits()).Plan!.ToEntryPlan(Interpreter.Path, [], Environment);
        List<byte[]> parts =
        [
            Encoding.UTF8.GetBytes($"{tool.Version}\n{tool.FileStamp}\n{tool.DropRoot}\n{Interpreter.Path}\n{Interpreter.Version}\n{Interpreter.FileStamp}\n"),
            EntryProgram.Build(architecture, plan),
            Encoding.UTF8.GetBytes(string.Join('\n', BubblewrapCommand.Arguments(Interpreter, [.. runner.Files.Select(file => file.Name)], []))),
            .. runner.Files.Select(file => file.Content),
        ];
        foreach (var part in parts)
        {
            hash.AppendData(part);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
