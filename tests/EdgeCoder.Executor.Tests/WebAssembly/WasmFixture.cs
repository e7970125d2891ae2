using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Executor.Isolation.WebAssembly;
using EdgeCoder.Executor.Running;
using EdgeCoder.Executor.Tests.WebAssembly;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.TestKit.Files;

[assembly: AssemblyFixture(typeof(WasmFixture))]

namespace EdgeCoder.Executor.Tests.WebAssembly;

/// <summary>The WebAssembly back-end alone: no subset check, no node behind it.</summary>
public sealed class WasmFixture : IAsyncDisposable
{
    private readonly TemporaryDirectory data = new();
    private readonly Lazy<WasmSandbox> sandbox;

    public WasmFixture() => sandbox = new(() =>
    {
        var (engine, refusal) = WasmEngine.Create(QuickJsModule.DefaultPath, data.Path, TimeProvider.System);
        return new WasmSandbox(engine ?? throw new InvalidOperationException(refusal!.Message), TimeProvider.System);
    });

    internal WasmSandbox Sandbox => sandbox.Value;

    /// <summary>Runs a program, or tests of it, in QuickJS whatever it needs.</summary>
    public async Task<RunResult> RunAsync(string program, string? tests = null, RequestedLimits? limits = null)
    {
        var request = Snippets.Request(SnippetLanguage.JavaScript, "js", program, tests, limits);
        return await RunAsync(request);
    }

    /// <summary>The same for several files.</summary>
    public async Task<RunResult> RunAsync(RunRequest request)
    {
        var plan = LimitPlan.Read(request.Language, request.Limits).Plan!;
        var key = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var (frame, refusal, _) = SnippetFrame.Build(request, key, subset: false, plan, canary: false, marked: true);
        Assert.True(frame is not null, refusal?.Message);
        var stdin = request.Stdin is null ? null : Encoding.UTF8.GetBytes(request.Stdin);
        var outcome = await Sandbox.RunAsync(new SandboxJob { Limits = plan, Frame = frame, Key = key, Stdin = stdin }, TestContext.Current.CancellationToken);
        return RunVerdict.Judge(request.Language, plan, request.Tests.Count > 0, request.Files[0].Name, Sandbox.Identity, outcome);
    }

    public async ValueTask DisposeAsync()
    {
        if (sandbox.IsValueCreated)
        {
            await Sandbox.DisposeAsync();
        }

        data.Dispose();
    }
}
