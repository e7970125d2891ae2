using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.WebAssembly;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests.WebAssembly;

/// <summary>The canaries are contained here; where something gives way they notice.</summary>
public sealed class WasmCanaryTests(WasmFixture wasm)
{
    [Fact]
    public async Task All_canaries_are_contained()
    {
        var reports = await WasmCanaries.RunAsync(wasm.Sandbox, TestContext.Current.CancellationToken);

        Assert.Equal(WasmCanaries.Names.Count + 2, reports.Count);
        Assert.All(reports, report => Assert.True(report.Contained, report.ToString()));
    }

    [Theory]
    [InlineData("globalThis.fetch = () => {};", "reach the host")]
    [InlineData("globalThis.held = { deep: { report: Math.max.bind(null) } }; Object.defineProperty(held.deep.report, 'name', { value: 'report' }); Object.defineProperty(held.deep.report, 'length', { value: 0 });", "find a host function")]
    [InlineData("Uint8Array.prototype.fill = function () { return 1 }; globalThis.Uint8Array = function () { this.fill = () => 1 };", "exceed memory")]
    [InlineData("globalThis.RangeError = class {};", "exceed the stack")]
    [InlineData("console.log = () => {};", "reach the host")]
    public async Task Canary_that_gets_out_is_noticed(string weakness, string canary)
    {
        var reports = await WasmCanaries.RunAsync(new Weak(wasm.Sandbox, weakness), TestContext.Current.CancellationToken);

        Assert.Contains(reports, report => report.Name == canary && !report.Contained);
    }

    /// <summary>Puts a weakness in front of each program.</summary>
    private sealed class Weak(WasmSandbox inner, string weakness) : ISandbox
    {
        public SnippetLanguage Language => inner.Language;

        public SandboxIdentity Identity => inner.Identity;

        public Task<SandboxOutcome> RunAsync(SandboxJob job, CancellationToken cancellationToken)
        {
            var fields = JobFields.Read(job.Frame).ToArray();
            fields[7] = fields[7].Replace("__edgecoder.names(", weakness + " __edgecoder.names(", StringComparison.Ordinal);
            var frame = new JobFrame();
            foreach (var field in fields)
            {
                frame.Add(field);
            }

            return inner.RunAsync(job with { Frame = frame.ToBytes() }, cancellationToken);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
