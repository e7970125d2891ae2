using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Executor.Runners;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Isolation.Launcher;

/// <summary>One process per job, made by this program's own launcher.</summary>
internal sealed class LauncherSandbox : ISandbox
{
    private readonly RunnerFiles runner;
    private readonly TimeProvider time;

    /// <summary>Puts them together.</summary>
    public LauncherSandbox(LauncherTool tool, LaunchPlanner planner, TimeProvider time)
    {
        Tool = tool;
        Planner = planner;
        this.time = time;
        runner = RunnerFiles.For(planner.Interpreter.Language);
        Identity = new SandboxIdentity { Backend = BackendOf(planner.Mode), Digest = DigestOf(tool, planner, runner) };
    }

    /// <inheritdoc/>
    public SnippetLanguage Language => Planner.Interpreter.Language;

    /// <inheritdoc/>
    public SandboxIdentity Identity { get; }

    /// <summary>The launcher.</summary>
    public LauncherTool Tool { get; }

    /// <summary>Writes its plans.</summary>
    public LaunchPlanner Planner { get; }

    /// <summary>What the self-test's own tests do to a plan to break the sandbox on purpose.</summary>
    public Func<LaunchPlan, LaunchPlan> Weakening { get; init; } = plan => plan;

    /// <inheritdoc/>
    public Task<SandboxOutcome> RunAsync(SandboxJob job, CancellationToken cancellationToken) =>
        SandboxRun.RunAsync(Command(job.Limits), job, time, cancellationToken);

    /// <summary>What starts a process for a job with these limits.</summary>
    public SandboxCommand Command(LimitPlan limits) => CommandOf(Tool, Weakening(Planner.OneShot(limits, runner.Files)));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>How a mode is called in results.</summary>
    public static string BackendOf(LaunchMode mode) => mode == LaunchMode.Namespaces ? "namespaces" : "landlock";

    /// <summary>What starts the launcher with a plan.</summary>
    public static SandboxCommand CommandOf(LauncherTool tool, LaunchPlan plan) => new()
    {
        Launcher = tool.Path,
        Arguments = [tool.Path],
        Files = [LaunchPlanFormat.Encode(plan)],
        ProgramIsFirst = true,
    };

    /// <summary>Digest of what decides how a program behaves here: the launcher, the interpreter and the whole plan of a run with the default limits.</summary>
    public static string DigestOf(LauncherTool tool, LaunchPlanner planner, RunnerFiles runner)
    {
        var (interpreter, limits) = (planner.Interpreter, LimitPlan.Read(planner.Interpreter.Language, new RequestedLimits()).Plan!);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{tool.FileStamp}\n{interpreter.Path}\n{interpreter.Version}\n{interpreter.FileStamp}\n"));
        hash.AppendData(LaunchPlanFormat.Encode(planner.OneShot(limits, runner.Files) with { HostPid = 1 }));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
