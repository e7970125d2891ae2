using EdgeCoder.Executor;
using EdgeCoder.Executor.Tests;
using EdgeCoder.TestKit.Files;

[assembly: AssemblyFixture(typeof(ExecutorFixture))]

namespace EdgeCoder.Executor.Tests;

/// <summary>One executor for the whole run, on this machine's real isolation; another one without the subset check, so that what is tested is the isolation.</summary>
public sealed class ExecutorFixture : IDisposable
{
    private readonly TemporaryDirectory data = new();

    /// <summary>Makes both.</summary>
    public ExecutorFixture()
    {
        Executor = CodeExecutor.Create(new ExecutorOptions { DataDirectory = data.Path });
        IsolationOnly = new CodeExecutor(new ExecutorOptions { DataDirectory = data.Path }, subset: false);
        Processes = new CodeExecutor(new ExecutorOptions { DataDirectory = data.Path, JavaScript = JavaScriptEngine.Node }, subset: true);
        WebAssembly = new CodeExecutor(new ExecutorOptions { DataDirectory = data.Path, JavaScript = JavaScriptEngine.WebAssembly }, subset: true);
        ProcessesIsolationOnly = new CodeExecutor(new ExecutorOptions { DataDirectory = data.Path, JavaScript = JavaScriptEngine.Node }, subset: false);
    }

    /// <summary>As users have it.</summary>
    public ICodeExecutor Executor { get; }

    /// <summary>Without the subset check.</summary>
    internal ICodeExecutor IsolationOnly { get; }

    /// <summary>The isolation of the operating system for every program: JavaScript in node only.</summary>
    internal ICodeExecutor Processes { get; }

    /// <summary>JavaScript in WebAssembly only.</summary>
    internal ICodeExecutor WebAssembly { get; }

    /// <summary>The isolation of the operating system without the subset check.</summary>
    internal ICodeExecutor ProcessesIsolationOnly { get; }

    /// <inheritdoc/>
    public void Dispose() => data.Dispose();
}
