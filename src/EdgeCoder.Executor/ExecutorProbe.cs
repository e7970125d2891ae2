using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Isolation.WebAssembly;
using EdgeCoder.Executor.Verification;

namespace EdgeCoder.Executor;

/// <summary>Looks at this machine's isolation, for <c>doctor</c>.</summary>
public static class ExecutorProbe
{
    private static readonly (string Backend, string Mechanism, string Reason)[] NotBuilt =
    [
        ("landlock", "Landlock and a system-call filter without namespaces", "not built in this version"),
        ("docker", "container engine", "not built in this version"),
        ("vm", "micro-VM", "not built in this version"),
    ];

    /// <summary>Finds back-ends and interpreters and runs the self-test of each again, whatever is remembered.</summary>
    public static async Task<SandboxReport> RunAsync(ExecutorOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var languages = Enum.GetValues<SnippetLanguage>();
        var found = new List<(SnippetLanguage Language, SandboxReadiness Ready)>();
        foreach (var language in languages)
        {
            found.Add((language, await SandboxReadiness.FindAsync(options, language, again: true, cancellationToken).ConfigureAwait(false)));
        }

        var wasm = await WasmReadiness.FindAsync(options, cancellationToken).ConfigureAwait(false);
        await using var unused = wasm.Sandbox;
        var working = found.Find(one => one.Ready.Sandbox is not null).Ready;
        return new SandboxReport
        {
            Active = options.Mode == SandboxMode.None ? null : working?.Sandbox?.Identity.Backend,
            Attempts = [.. OperatingSystem.IsLinux() ? [Namespaces(working, found[0].Ready, found)] : Array.Empty<SandboxAttempt>(), WebAssembly(wasm), .. NotBuilt.Select(other => new SandboxAttempt { Backend = other.Backend, Mechanism = other.Mechanism, State = SandboxState.NotHere, Reason = other.Reason }), .. OtherSystems.Attempts(working ?? found[0].Ready)],
            Interpreters = [.. found.Select(one => Interpreter(one.Language, one.Ready))],
            Canaries = [.. found.SelectMany(one => one.Ready.Canaries), .. wasm.Canaries],
        };
    }

    private static SandboxAttempt WebAssembly(WasmReadiness wasm) => new()
    {
        Backend = "wasm",
        Mechanism = wasm.Mechanism,
        State = wasm.Sandbox is null ? SandboxState.Unavailable : SandboxState.Available,
        Reason = wasm.Refusal?.Reason ?? $"JavaScript that does not need node; {wasm.Canaries.Count} attempts to leave it were contained",
        Remedy = wasm.Refusal?.Remedy,
    };

    private static SandboxAttempt Namespaces(SandboxReadiness? working, SandboxReadiness first, List<(SnippetLanguage Language, SandboxReadiness Ready)> found)
    {
        var shown = working ?? first;
        return new SandboxAttempt
        {
            Backend = "namespaces",
            Mechanism = shown.Tool is { } tool ? $"bubblewrap {tool.Version}" + (tool.DropRoot is null ? "" : ", started as an unprivileged user") : "bubblewrap",
            State = working is null ? SandboxState.Unavailable : MachineArchitectures.Untested ? SandboxState.Untested : SandboxState.Available,
            Reason = working is null ? first.Refusal!.Reason : (MachineArchitectures.Untested ? "untested on this processor; " : "") + $"{found.Sum(one => one.Ready.Canaries.Count(canary => canary.Contained))} attempts to leave it were contained",
            Remedy = working is null ? first.Refusal!.Remedy : null,
        };
    }

    private static InterpreterReport Interpreter(SnippetLanguage language, SandboxReadiness ready) => new()
    {
        Language = language,
        State = ready.Sandbox is null ? SandboxState.Unavailable : SandboxState.Available,
        Path = ready.Interpreter?.Path,
        Version = ready.Interpreter?.Version,
        Reason = ready.Refusal?.Reason ?? "runs in the sandbox",
        Remedy = ready.Refusal?.Remedy,
    };
}
