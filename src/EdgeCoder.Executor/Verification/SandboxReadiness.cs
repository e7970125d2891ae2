using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Bubblewrap;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Verification;

/// <summary>Whether programs of one language can be run here, proven by the self-test; else why not.</summary>
internal sealed record SandboxReadiness
{
    /// <summary>The sandbox, when there is one.</summary>
    public BubblewrapSandbox? Sandbox { get; init; }

    /// <summary>Why there is none.</summary>
    public SandboxRefusal? Refusal { get; init; }

    /// <summary>The tool, when it was found.</summary>
    public BubblewrapTool? Tool { get; init; }

    /// <summary>The interpreter, when it was found.</summary>
    public Interpreter? Interpreter { get; init; }

    /// <summary>What the self-test saw; empty when its result was remembered.</summary>
    public IReadOnlyList<CanaryReport> Canaries { get; init; } = [];

    /// <summary>Looks for the parts and tests them together.</summary>
    public static async Task<SandboxReadiness> FindAsync(ExecutorOptions options, SnippetLanguage language, CancellationToken cancellationToken)
    {
        if (options.Mode is SandboxMode.Docker or SandboxMode.Vm)
        {
            var name = options.Mode.ToString().ToLowerInvariant();
            return new() { Refusal = new($"SANDBOX_MODE is '{name}', and that back-end is not built in this version", "set SANDBOX_MODE to 'auto' or 'process'") };
        }

        if (MachineArchitectures.Current is not { } architecture)
        {
            return new() { Refusal = new("There is no system-call filter for this processor", null) };
        }

        var path = options.SearchPath ?? Environment.GetEnvironmentVariable("PATH") ?? "";
        var root = OperatingSystem.IsLinux() && Libc.EffectiveUser() == 0;
        var (tool, missingTool) = await BubblewrapTool.FindAsync(path, root, cancellationToken).ConfigureAwait(false);
        if (tool is null)
        {
            return new() { Refusal = missingTool };
        }

        var configured = language == SnippetLanguage.Python ? options.PythonPath : options.NodePath;
        var (interpreter, missing) = await InterpreterLocator.FindAsync(language, configured, path, root, cancellationToken).ConfigureAwait(false);
        if (interpreter is null)
        {
            return new() { Refusal = missing, Tool = tool };
        }

        return new() { Sandbox = new BubblewrapSandbox(tool, interpreter, architecture), Tool = tool, Interpreter = interpreter };
    }
}
