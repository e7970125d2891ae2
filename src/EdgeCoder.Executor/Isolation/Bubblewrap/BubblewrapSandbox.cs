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

    private IReadOnlyList<string> Environment => InterpreterCommand.Environment(Language, EntryProgram.ScratchPath);

    private IReadOnlyList<string> InterpreterArguments(LimitPlan limits) =>
        InterpreterCommand.Arguments(Interpreter, limits, $"{SandboxFiles.RunnerDirectory}/{runner.Files[0].Name}");

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
