using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>JavaScript in QuickJS in WebAssembly: the isolation is that of the virtual machine, which has nothing to escape to, and works on every system.</summary>
internal sealed class WasmSandbox(WasmEngine engine, TimeProvider time) : ISandbox
{
    private readonly WasmThreads threads = new(engine.MakeInstanceAhead);

    /// <summary>The engine.</summary>
    public WasmEngine Engine => engine;

    /// <inheritdoc/>
    public SnippetLanguage Language => SnippetLanguage.JavaScript;

    /// <inheritdoc/>
    public SandboxIdentity Identity { get; } = new() { Backend = "wasm", Digest = engine.Digest };

    /// <inheritdoc/>
    public Task<SandboxOutcome> RunAsync(SandboxJob job, CancellationToken cancellationToken) =>
        threads.RunAsync(() => new WasmRun(engine, job, time, cancellationToken).Execute(), SandboxOutcome.CancelledBeforeStart(job), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        threads.Dispose();
        engine.Dispose();
        return ValueTask.CompletedTask;
    }
}
