using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Executor.Commands.Canaries;
using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Executor.Commands.Running;
using EdgeCoder.Executor.Commands.View;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Commands;

/// <summary>Runs commands through this program's own launcher, in namespaces (agent-executor-models 3.7, Linux 1). Elsewhere it refuses with the reason.</summary>
public sealed class ProjectSandbox : IProjectSandbox
{
    private readonly ExecutorOptions options;
    private readonly Lazy<ToolChains> tools;
    private readonly Lock gate = new();
    private Task<CommandReadiness>? readiness;

    /// <summary>Puts it together; nothing is looked for before the first question.</summary>
    public ProjectSandbox(ExecutorOptions options)
    {
        this.options = options;
        tools = new(() => ToolChains.Find(options.ToolPath, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), Environment.GetEnvironmentVariable));
    }

    /// <summary>What the self-test's own tests do to a plan to break the sandbox on purpose.</summary>
    internal Func<CommandPlan, CommandPlan> Weakening { get; init; } = plan => plan;

    /// <inheritdoc/>
    public async Task<CommandRefusal?> PrepareAsync(CancellationToken cancellationToken) => (await ReadyAsync(cancellationToken).ConfigureAwait(false)).Refusal;

    /// <inheritdoc/>
    public async Task<CommandOutcome> RunAsync(ProjectCommand command, CancellationToken cancellationToken)
    {
        CommandCheck.Check(command);
        CommandReadiness ready;
        try
        {
            ready = await ReadyAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CommandRun.Unavailable("Cancelled.", null) with { End = CommandEnd.Cancelled, ExitCode = 137, Refusal = null };
        }

        return ready is { Tool: { } tool, Planner: { } planner, Identity: { } identity }
            ? await CommandRun.RunAsync(tool.Path, Weakening(planner.Plan(command)), command, identity, options.Time, cancellationToken).ConfigureAwait(false)
            : CommandRun.Unavailable(ready.Refusal!.Message, ready.Refusal.Remedy);
    }

    // A refusal is asked again: a remedy may have been applied.
    private Task<CommandReadiness> ReadyAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (readiness is null || (readiness.IsCompleted && (!readiness.IsCompletedSuccessfully || readiness.Result.Refusal is not null)))
            {
                readiness = Task.Run(FindAsync, CancellationToken.None);
            }

            return readiness.WaitAsync(cancellationToken);
        }
    }

    private async Task<CommandReadiness> FindAsync()
    {
        if (CommandSupport.Refusal(options) is { } refusal)
        {
            return new CommandReadiness { Refusal = refusal };
        }

        var (tool, missing) = LauncherTool.Find(options.LauncherDirectory);
        if (tool is null)
        {
            return new CommandReadiness { Refusal = new(missing!.Reason, missing.Remedy) };
        }

        var architecture = MachineArchitectures.Current!.Value;
        var planner = new CommandPlanner(architecture, LandlockSupport.Ask().Abi, () => tools.Value);
        var digest = Digest(tool, planner);
        var canaries = new CommandCanaries(tool, planner, architecture, Weakening, options);
        return await canaries.TryAsync(digest).ConfigureAwait(false) is { } escaped
            ? new CommandReadiness { Refusal = escaped }
            : new CommandReadiness { Tool = tool, Planner = planner, Identity = new SandboxIdentity { Backend = LauncherSandbox.BackendOf(LaunchMode.Namespaces), Digest = digest } };
    }

    // All that decides what a command can reach, but for its own mounts.
    private static string Digest(LauncherTool tool, CommandPlanner planner)
    {
        var plan = planner.Plan(new ProjectCommand { Arguments = ["true"], WorkingDirectory = "/tmp", Mounts = [] }) with { HostPid = 1 };
        return Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(tool.FileStamp + "\n"), .. CommandPlanFormat.Encode(plan)]));
    }
}
