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
    public ISandbox? Sandbox { get; init; }

    /// <summary>Why there is none.</summary>
    public SandboxRefusal? Refusal { get; init; }

    /// <summary>The tool, when it was found.</summary>
    public BubblewrapTool? Tool { get; init; }

    /// <summary>The interpreter, when it was found.</summary>
    public Interpreter? Interpreter { get; init; }

    /// <summary>What the self-test saw; empty when its result was remembered.</summary>
    public IReadOnlyList<CanaryReport> Canaries { get; init; } = [];

    /// <summary>Looks for the parts and tests them together, or takes what an earlier process proved where it still holds.</summary>
    /// <param name="options">Options.</param>
    /// <param name="language">Language.</param>
    /// <param name="again">Whether to test although it is remembered.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<SandboxReadiness> FindAsync(ExecutorOptions options, SnippetLanguage language, bool again, CancellationToken cancellationToken)
    {
        if (options.Mode is SandboxMode.Docker or SandboxMode.Vm)
        {
            var name = options.Mode.ToString().ToLowerInvariant();
            return new() { Refusal = new($"SANDBOX_MODE is '{name}', and that back-end is not built in this version", "set SANDBOX_MODE to 'auto' or 'process'") };
        }

        if (!OperatingSystem.IsLinux())
        {
            return await OtherSystems.FindAsync(options, language, cancellationToken).ConfigureAwait(false);
        }

        if (MachineArchitectures.Current is not { } architecture)
        {
            return new() { Refusal = new("There is no system-call filter for this processor", null) };
        }

        var path = options.ToolPath;
        var situation = RememberedMachine.SituationOf(options, language, path);
        if (!again && RememberedMachine.Read(options, language, situation) is { } remembered)
        {
            var known = new BubblewrapSandbox(remembered.Tool, remembered.Interpreter, architecture, options.Time);
            if (known.Identity.Digest == remembered.Digest)
            {
                return new() { Sandbox = known, Tool = remembered.Tool, Interpreter = remembered.Interpreter };
            }
        }

        var root = Libc.EffectiveUser() == 0;
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

        var sandbox = new BubblewrapSandbox(tool, interpreter, architecture, options.Time);
        var (canaries, failure) = await SelfTest.RunAsync(sandbox, cancellationToken).ConfigureAwait(false);
        if (failure is null)
        {
            new RememberedMachine { Situation = situation, Digest = sandbox.Identity.Digest, Tool = tool, Interpreter = interpreter }.Write(options, language);
        }

        return new() { Sandbox = failure is null ? sandbox : null, Refusal = failure, Tool = tool, Interpreter = interpreter, Canaries = canaries };
    }
}
