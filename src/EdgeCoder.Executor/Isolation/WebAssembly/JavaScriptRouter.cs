using System.Security.Cryptography;
using EdgeCoder.Executor.Running;
using EdgeCoder.Executor.Subset;
using EdgeCoder.Executor.Verification;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>
/// Runs JavaScript in WebAssembly, and in node what needs node: that is decided before anything runs, from the syntax. What reached a limit of WebAssembly by
/// honest means is run again in node, where there is one; the result says so.
/// </summary>
internal sealed class JavaScriptRouter(ExecutorOptions options, bool subset, Func<CancellationToken, Task<SandboxReadiness>> node) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private Lazy<Task<WasmReadiness>>? readiness;

    /// <summary>Whether JavaScript is routed here: an operator who asks for the isolation of the operating system gets that and nothing else.</summary>
    public bool Serves => options is { Mode: SandboxMode.Auto, JavaScript: not JavaScriptEngine.Node };

    /// <summary>Runs a request.</summary>
    /// <remarks>1. the request's files, and what they need; 2. WebAssembly, or node for what needs it; 3. node again for what WebAssembly was too small for.</remarks>
    public async Task<RunResult> RunAsync(RunRequest request, LimitPlan limits, CancellationToken cancellationToken)
    {
        var wasm = await ReadyAsync(cancellationToken).ConfigureAwait(false);
        var shown = limits.ToRunLimits();

        // 1.
        var key = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var (frame, refusal, profile) = SnippetFrame.Build(request, key, subset, limits, canary: false, marked: true);
        if (frame is null)
        {
            return RunVerdict.Refused(request.Language, shown, refusal!, wasm.Sandbox?.Identity);
        }

        // 2.
        var need = options.JavaScript == JavaScriptEngine.WebAssembly ? null : profile!.NodeNeed;
        if (wasm.Sandbox is not { } sandbox || need is not null)
        {
            var ready = await node(cancellationToken).ConfigureAwait(false);
            return ready.Sandbox is null
                ? RunVerdict.Refused(request.Language, shown, QueueReason.SandboxUnavailable, $"sandbox_unavailable: {Missing(need, wasm, ready.Refusal!)}")
                : await InNodeAsync(ready.Sandbox).ConfigureAwait(false);
        }

        var small = limits with { MemoryBytes = Math.Min(limits.MemoryBytes, WasmLimits.MemoryBytes) };
        var result = await SandboxedRun.RunAsync(sandbox, request, small, frame, null, key, cancellationToken).ConfigureAwait(false);

        // 3.
        if (options.JavaScript == JavaScriptEngine.WebAssembly || TooSmall(result, profile!, limits) is not { } why)
        {
            return result;
        }

        var larger = await node(cancellationToken).ConfigureAwait(false);
        return larger.Sandbox is null ? result : Again(await InNodeAsync(larger.Sandbox).ConfigureAwait(false), why);

        Task<RunResult> InNodeAsync(ISandbox other)
        {
            byte[] Frame(bool canary) => SnippetFrame.Build(request, key, subset, limits, canary).Frame!;
            return SandboxedRun.RunAsync(other, request, limits, Frame(canary: false), () => Frame(canary: true), key, cancellationToken);
        }
    }

    /// <summary>Makes WebAssembly ready ahead of the first run.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) => ReadyAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (readiness is { IsValueCreated: true } made && (await made.Value.ConfigureAwait(false)).Sandbox is { } sandbox)
        {
            await sandbox.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Why a program that WebAssembly ended deserves node: null when it does not.
    private static string? TooSmall(RunResult result, JavaScriptProfile profile, LimitPlan limits) => result.Detail?.Code switch
    {
        "timeout_fuel" or "timeout_wall" when profile.IsCpuHeavy => "it computes for longer than WebAssembly allows",
        "memory_limit" when limits.MemoryBytes > WasmLimits.MemoryBytes => "it needs more memory than WebAssembly has",
        "syntax_error" => "QuickJS does not read its syntax",
        _ => null,
    };

    private static RunResult Again(RunResult result, string why)
    {
        var note = $"run again in node, because {why}";
        return result with { Detail = result.Detail is { } detail ? detail with { Message = $"{detail.Message} ({note})" } : new RunDetail { Code = "ok", Message = note } };
    }

    private static string Missing(string? need, WasmReadiness wasm, SandboxRefusal node) => need is not null
        ? $"the program needs node because of {need}, and node cannot be used: {node.Message}. Without node it can run when it does not use that"
        : $"{wasm.Refusal!.Message}; and node cannot be used: {node.Message}";

    private async Task<WasmReadiness> ReadyAsync(CancellationToken cancellationToken)
    {
        Lazy<Task<WasmReadiness>> current;
        lock (gate)
        {
            // A remedy may have been applied: what failed is asked again.
            if (readiness is null or { IsValueCreated: true, Value: { IsCompleted: true } } && (readiness is null || !readiness.Value.IsCompletedSuccessfully || readiness.Value.Result.Sandbox is null))
            {
                readiness = new(() => WasmReadiness.FindAsync(options, CancellationToken.None));
            }

            current = readiness;
        }

        return await current.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
