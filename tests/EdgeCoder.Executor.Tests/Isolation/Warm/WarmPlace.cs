using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Isolation.Warm;
using EdgeCoder.Executor.Verification;

namespace EdgeCoder.Executor.Tests.Isolation.Warm;

/// <summary>A warm pool of this machine's Python, as the executor makes it, and what it is made of.</summary>
internal static class WarmPlace
{
    public static async Task<(LauncherTool Tool, LaunchPlanner Planner)> PartsAsync(LaunchMode mode, SnippetLanguage language = SnippetLanguage.Python)
    {
        var options = new ExecutorOptions { DataDirectory = "/nowhere" };
        var (interpreter, _) = await InterpreterLocator.FindAsync(language, null, options.ToolPath, Environment.IsPrivilegedProcess, TestContext.Current.CancellationToken);
        return (LauncherTool.Find(AppContext.BaseDirectory).Tool!, new LaunchPlanner
        {
            Mode = mode,
            Interpreter = interpreter!,
            Architecture = MachineArchitectures.Current!.Value,
            LandlockAbi = LandlockSupport.Ask().Abi,
        });
    }

    public static async Task<WarmPool> PoolAsync(LaunchMode mode = LaunchMode.Namespaces, int lanes = 2)
    {
        var (tool, planner) = await PartsAsync(mode);
        var pool = new WarmPool(new CanarySandbox(new LauncherSandbox(tool, planner, TimeProvider.System)), () => WarmPython.Start(tool, planner), TimeProvider.System, lanes);
        pool.Open();
        return pool;
    }
}
