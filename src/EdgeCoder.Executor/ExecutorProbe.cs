using EdgeCoder.Executor.Isolation.WebAssembly;
using EdgeCoder.Executor.Verification;

namespace EdgeCoder.Executor;

/// <summary>Looks at this machine's isolation, for <c>doctor</c>.</summary>
public static class ExecutorProbe
{
    private static readonly (string Backend, string Mechanism, string Reason)[] NotBuilt =
    [
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
        await (wasm.Sandbox?.DisposeAsync() ?? ValueTask.CompletedTask).ConfigureAwait(false);
        var working = found.Find(one => one.Ready.Sandbox is not null).Ready;
        return new SandboxReport
        {
            Active = working is null || options.Mode == SandboxMode.None ? null : working.Sandbox!.Identity.Backend,
            Attempts =
            [
                .. Tried(found),
                Wasm(wasm),
                .. OtherSystems.Attempts(),
                .. NotBuilt.Select(other => new SandboxAttempt { Backend = other.Backend, Mechanism = other.Mechanism, State = SandboxState.NotHere, Reason = other.Reason }),
            ],
            Interpreters = [.. found.Select(one => Interpreter(one.Language, one.Ready))],
            Canaries = [.. found.SelectMany(one => one.Ready.Attempts.SelectMany(attempt => attempt.Canaries)), .. wasm.Canaries],
        };
    }

    // One line for each back-end: it works when it works for a language.
    private static IEnumerable<SandboxAttempt> Tried(List<(SnippetLanguage Language, SandboxReadiness Ready)> found)
    {
        var all = found.SelectMany(one => one.Ready.Attempts).ToList();
        if (all.Count == 0)
        {
            yield return new SandboxAttempt { Backend = "namespaces", Mechanism = "any", State = SandboxState.Unavailable, Reason = found[0].Ready.Refusal!.Reason, Remedy = found[0].Ready.Refusal!.Remedy };
        }

        foreach (var group in all.GroupBy(attempt => attempt.BackEnd.Key))
        {
            var works = group.Any(attempt => attempt.Refusal is null);
            var refusal = group.FirstOrDefault(attempt => attempt.Refusal is not null)?.Refusal;
            yield return new SandboxAttempt
            {
                Backend = group.First().BackEnd.Name,
                Mechanism = group.First().BackEnd.Mechanism,
                State = !works ? SandboxState.Unavailable : group.First().BackEnd.Untested ? SandboxState.Untested : SandboxState.Available,
                Reason = works ? (group.First().BackEnd.Untested ? "untested here; " : "") + $"{group.Sum(attempt => attempt.Canaries.Count(canary => canary.Contained))} attempts to leave it were contained" : refusal!.Reason,
                Remedy = works ? null : refusal!.Remedy,
            };
        }
    }

    private static SandboxAttempt Wasm(WasmReadiness ready) => new()
    {
        Backend = "wasm",
        Mechanism = ready.Mechanism,
        State = ready.Sandbox is null ? SandboxState.Unavailable : SandboxState.Available,
        Reason = ready.Refusal?.Reason ?? $"JavaScript that does not need node; {ready.Canaries.Count(canary => canary.Contained)} attempts to leave it were contained",
        Remedy = ready.Refusal?.Remedy,
    };

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
