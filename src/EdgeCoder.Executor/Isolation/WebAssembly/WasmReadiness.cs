namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>Whether JavaScript can be run in WebAssembly here, proven by its canaries; else why not.</summary>
internal sealed record WasmReadiness
{
    /// <summary>The sandbox, when there is one.</summary>
    public WasmSandbox? Sandbox { get; init; }

    /// <summary>Why there is none.</summary>
    public SandboxRefusal? Refusal { get; init; }

    /// <summary>What the canaries saw.</summary>
    public IReadOnlyList<CanaryReport> Canaries { get; init; } = [];

    /// <summary>What was made ready, in words.</summary>
    public string Mechanism { get; init; } = "QuickJS in WebAssembly";

    /// <summary>Makes the engine ready and lets the canaries try.</summary>
    public static async Task<WasmReadiness> FindAsync(ExecutorOptions options, CancellationToken cancellationToken)
    {
        var (engine, refusal) = await Task.Run(() => WasmEngine.Create(options.QuickJsPath, options.DataDirectory, options.Time), cancellationToken).ConfigureAwait(false);
        if (engine is null)
        {
            return new() { Refusal = refusal };
        }

        var sandbox = new WasmSandbox(engine, options.Time);
        var canaries = await WasmCanaries.RunAsync(sandbox, cancellationToken).ConfigureAwait(false);
        if (canaries.FirstOrDefault(canary => !canary.Contained) is { } escaped)
        {
            await sandbox.DisposeAsync().ConfigureAwait(false);
            return new() { Refusal = new($"the canaries of WebAssembly failed: '{escaped.Name}' was not contained ({escaped.Detail})", null), Canaries = canaries };
        }

        return new()
        {
            Sandbox = sandbox,
            Canaries = canaries,
            Mechanism = $"QuickJS in WebAssembly on Wasmtime {typeof(Wasmtime.Engine).Assembly.GetName().Version?.ToString(3)}, " +
                $"{(engine.Compiled ? "compiled" : "loaded")} in {engine.Preparation.TotalMilliseconds:0} ms",
        };
    }
}
