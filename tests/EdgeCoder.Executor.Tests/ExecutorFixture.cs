using EdgeCoder.Executor;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Tests;
using EdgeCoder.TestKit.Files;

[assembly: AssemblyFixture(typeof(ExecutorFixture))]

namespace EdgeCoder.Executor.Tests;

/// <summary>Executors for the whole run, on this machine's real isolation; of each another one without the subset check, so that what is tested is the isolation.</summary>
public sealed class ExecutorFixture : IAsyncDisposable
{
    private readonly TemporaryDirectory data = new();
    private readonly Dictionary<(string Kind, bool Subset), CodeExecutor> executors = [];

    /// <summary>As users have it.</summary>
    public ICodeExecutor Executor => On(Everything, subset: true);

    /// <summary>Without the subset check.</summary>
    internal ICodeExecutor IsolationOnly => On(Everything, subset: false);

    /// <summary>Every kind of isolation that this machine has, with a process for each job and with warm ones.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [Warm, BackEnds.LauncherNamespaces, BackEnds.Bubblewrap, "warm-" + BackEnds.LauncherLandlock, BackEnds.LauncherLandlock, WebAssemblyKind];

    /// <summary>The kind that runs JavaScript only.</summary>
    public const string WebAssemblyKind = "wasm";

    private const string Everything = "";
    private const string Warm = "warm-" + BackEnds.LauncherNamespaces;

    /// <summary>Sandboxed processes that all of them keep.</summary>
    public int Kept
    {
        get
        {
            lock (executors)
            {
                return executors.Values.Sum(executor => executor.Kept);
            }
        }
    }

    /// <summary>The executor of one kind.</summary>
    public ICodeExecutor On(string kind, bool subset)
    {
        lock (executors)
        {
            if (!executors.TryGetValue((kind, subset), out var executor))
            {
                var warm = kind.StartsWith("warm-", StringComparison.Ordinal);
                var options = kind switch
                {
                    Everything => new ExecutorOptions { DataDirectory = data.Path },
                    WebAssemblyKind => new ExecutorOptions { DataDirectory = data.Path, JavaScript = JavaScriptEngine.WebAssembly },
                    _ => new ExecutorOptions { DataDirectory = data.Path, OnlyBackEnd = warm ? kind["warm-".Length..] : kind, Warm = warm, JavaScript = JavaScriptEngine.Node },
                };
                executors.Add((kind, subset), executor = new CodeExecutor(options, subset));
            }

            return executor;
        }
    }

    /// <summary>The isolation of the operating system for every program: JavaScript in node only.</summary>
    internal ICodeExecutor Processes => On(Warm, subset: true);

    /// <summary>JavaScript in WebAssembly only.</summary>
    internal ICodeExecutor WebAssembly => On(WebAssemblyKind, subset: true);

    /// <summary>The isolation of the operating system without the subset check.</summary>
    internal ICodeExecutor ProcessesIsolationOnly => On(Warm, subset: false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var executor in executors.Values)
        {
            await executor.DisposeAsync();
        }

        data.Dispose();
    }
}
