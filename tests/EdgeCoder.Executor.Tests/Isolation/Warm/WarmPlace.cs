using System.Security.Cryptography;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Warm;
using EdgeCoder.Executor.Running;
using EdgeCoder.Executor.Tests.Isolation.Launcher;
using EdgeCoder.Executor.Verification;

namespace EdgeCoder.Executor.Tests.Isolation.Warm;

/// <summary>A warm pool of this machine's Python, as the executor makes it, and what it is made of.</summary>
internal sealed class WarmPlace(LauncherTool tool, LaunchPlanner planner)
{
    public static async Task<WarmPlace> FindAsync(LaunchMode mode = LaunchMode.Namespaces)
    {
        var kind = await LauncherKind.FindAsync(mode.ToString(), nameof(SnippetLanguage.Python));
        return new(kind.Tool, kind.Planner);
    }

    /// <summary>The namespaces alone.</summary>
    public WarmPlace WithoutLandlock() => new(tool, planner with { LandlockAbi = 0 });

    public ISandbox Cold => new CanarySandbox(new LauncherSandbox(tool, planner, TimeProvider.System));

    public Zygote Start(Func<LaunchPlan, LaunchPlan>? weakening = null) => WarmPython.Start(tool, planner, weakening);

    public WarmPool Pool(int lanes = 2, int jobsPerZygote = 500, Func<Zygote>? start = null)
    {
        var pool = new WarmPool(Cold, start ?? (() => Start()), TimeProvider.System, lanes) { JobsPerZygote = jobsPerZygote };
        pool.Open();
        return pool;
    }

    public static SandboxJob Job(string program, TimeSpan? time = null)
    {
        var limits = LimitPlan.Read(SnippetLanguage.Python, new() { Time = time ?? Snippets.Patient.Time }).Plan!;
        var key = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var request = new RunRequest { Language = SnippetLanguage.Python, Files = [new("solution.py", program)] };
        return new SandboxJob { Limits = limits, Frame = SnippetFrame.Build(request, key, subset: false, limits, canary: false).Frame!, Key = key };
    }

    public static async Task<string> PrintedAsync(ISandbox sandbox, string program) =>
        await sandbox.RunAsync(Job(program), TestContext.Current.CancellationToken) is { Report.Ended: true } outcome ? outcome.Stdout.Text() : "did not end";
}
