using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Executor.Tests.WebAssembly;

public sealed class WasmDisposalTests
{
    [Fact]
    public async Task Executor_that_is_disposed_right_after_a_run_takes_its_threads_with_it()
    {
        using var data = new TemporaryDirectory();
        for (var round = 0; round < 20; round++)
        {
            await using var executor = new CodeExecutor(new ExecutorOptions { DataDirectory = data.Path, JavaScript = JavaScriptEngine.WebAssembly }, subset: true);

            // The thread makes the next instance while the caller goes on: once that was with a module that was gone, and ended the process.
            Assert.True((await executor.JavaScriptAsync("1")).Ok);
        }
    }
}
