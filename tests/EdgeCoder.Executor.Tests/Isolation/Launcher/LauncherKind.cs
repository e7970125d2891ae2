using System.Security.Cryptography;
using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests.Isolation.Launcher;

/// <summary>The launcher that the build made, in one mode, with this machine's interpreter of one language.</summary>
internal sealed record LauncherKind(LauncherTool Tool, LaunchPlanner Planner)
{
    public SnippetLanguage Language => Planner.Interpreter.Language;

    public static async Task<LauncherKind> FindAsync(string mode, string language)
    {
        var (tool, refusal) = LauncherTool.Find(AppContext.BaseDirectory);
        Assert.True(tool is not null, refusal?.Message);
        var (interpreter, missing) = await InterpreterLocator.FindAsync(
            Enum.Parse<SnippetLanguage>(language), null, new ExecutorOptions { DataDirectory = "" }.ToolPath, Libc.EffectiveUser() == 0, TestContext.Current.CancellationToken);
        Assert.True(interpreter is not null, missing?.Message);
        return new(tool, new LaunchPlanner
        {
            Mode = Enum.Parse<LaunchMode>(mode),
            Interpreter = interpreter,
            Architecture = MachineArchitectures.Current!.Value,
            LandlockAbi = LandlockSupport.Ask().Abi,
        });
    }

    public LauncherSandbox Sandbox(Func<LaunchPlan, LaunchPlan>? weakening = null) => new(Tool, Planner, TimeProvider.System) { Weakening = weakening ?? (plan => plan) };

    /// <summary>Runs a program without the subset check.</summary>
    public async Task<RunResult> RunAsync(string program, Func<LaunchPlan, LaunchPlan>? weakening = null, RequestedLimits? asked = null)
    {
        var sandbox = Sandbox(weakening);
        var limits = LimitPlan.Read(Language, asked ?? Snippets.Patient).Plan!;
        var key = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var name = Language == SnippetLanguage.Python ? "solution.py" : "solution.js";
        var frame = SnippetFrame.Build(new RunRequest { Language = Language, Files = [new(name, program)] }, key, subset: false, limits, canary: false).Frame!;
        var outcome = await sandbox.RunAsync(new SandboxJob { Limits = limits, Frame = frame, Key = key }, TestContext.Current.CancellationToken);
        return RunVerdict.Judge(Language, limits, false, name, sandbox.Identity, outcome);
    }
}
