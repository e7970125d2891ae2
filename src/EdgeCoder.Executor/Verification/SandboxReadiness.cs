using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation;

namespace EdgeCoder.Executor.Verification;

/// <summary>Whether programs of one language can be run here, proven by the self-test; else why not.</summary>
internal sealed record SandboxReadiness
{
    /// <summary>The sandbox, when there is one.</summary>
    public ISandbox? Sandbox { get; init; }

    /// <summary>Why there is none.</summary>
    public SandboxRefusal? Refusal { get; init; }

    /// <summary>The interpreter, when it was found.</summary>
    public Interpreter? Interpreter { get; init; }

    /// <summary>The back-ends that were tried, in their order.</summary>
    public IReadOnlyList<BackEndAttempt> Attempts { get; init; } = [];

    /// <summary>Finds interpreter and back-end and tests them together, or takes what an earlier process proved where it still holds.</summary>
    /// <param name="options">Options.</param>
    /// <param name="language">Language.</param>
    /// <param name="again">Whether to test every back-end, although one works or is remembered.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<SandboxReadiness> FindAsync(ExecutorOptions options, SnippetLanguage language, bool again, CancellationToken cancellationToken)
    {
        if (options.Mode is SandboxMode.Docker or SandboxMode.Vm)
        {
            var name = options.Mode.ToString().ToLowerInvariant();
            return new() { Refusal = new($"SANDBOX_MODE is '{name}', and that back-end is not built in this version", "set SANDBOX_MODE to 'auto' or 'process'") };
        }

        var backEnds = BackEnds.OfThisSystem(options);
        if (backEnds.Count == 0)
        {
            return new() { Refusal = new("There is no isolation for this system or processor", "run EdgeCoder on Linux, or in a Linux virtual machine or WSL 2") };
        }

        var known = again ? null : RememberedMachine.Read(options, language);
        var (interpreter, missing) = known is null ? await LocateAsync(options, language, cancellationToken).ConfigureAwait(false) : (known.Interpreter, null);
        if (interpreter is null)
        {
            return new() { Refusal = missing };
        }

        var attempts = new List<BackEndAttempt>();
        ISandbox? chosen = null;
        foreach (var backEnd in backEnds)
        {
            var (sandbox, attempt) = await TryAsync(backEnd, interpreter, options, again, cancellationToken).ConfigureAwait(false);
            attempts.Add(attempt);
            chosen ??= sandbox;
            if (chosen is not null && !again)
            {
                break;
            }
        }

        return new() { Sandbox = chosen, Refusal = chosen is null ? WhyNone(attempts) : null, Interpreter = interpreter, Attempts = attempts };
    }

    private static Task<(Interpreter? Interpreter, SandboxRefusal? Refusal)> LocateAsync(ExecutorOptions options, SnippetLanguage language, CancellationToken cancellationToken) =>
        InterpreterLocator.FindAsync(language, language == SnippetLanguage.Python ? options.PythonPath : options.NodePath, options.ToolPath, OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, cancellationToken);

    private static async Task<(ISandbox? Sandbox, BackEndAttempt Attempt)> TryAsync(BackEnd backEnd, Interpreter interpreter, ExecutorOptions options, bool again, CancellationToken cancellationToken)
    {
        var (sandbox, refusal) = await backEnd.MakeAsync(interpreter, cancellationToken).ConfigureAwait(false);
        if (sandbox is null)
        {
            return (null, new(backEnd, refusal, []));
        }

        var proof = new SandboxProof(options, interpreter, backEnd.Key, sandbox.Identity.Digest);
        if (!again && proof.IsRemembered)
        {
            return (sandbox, new(backEnd, null, []));
        }

        var (canaries, failure) = await SelfTest.RunAsync(sandbox, cancellationToken).ConfigureAwait(false);
        if (failure is not null)
        {
            return (null, new(backEnd, failure, canaries));
        }

        proof.Remember();
        return (sandbox, new(backEnd, null, canaries));
    }

    // The strongest back-end says what to do; the others only why they do not stand in for it.
    private static SandboxRefusal WhyNone(List<BackEndAttempt> attempts) => attempts is [var only]
        ? only.Refusal!
        : new(string.Join("; ", attempts.Select(attempt => $"{attempt.BackEnd.Key}: {attempt.Refusal!.Reason}")), attempts.Select(attempt => attempt.Refusal!.Remedy).FirstOrDefault(remedy => remedy is not null));
}
