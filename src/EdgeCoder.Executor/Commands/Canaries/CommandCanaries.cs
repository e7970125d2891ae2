using System.ComponentModel;
using System.Net.Sockets;
using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Executor.Commands.Running;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Verification;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Commands.Canaries;

/// <summary>Runs the canaries through the very path that commands take, once for a machine, a boot and a launcher. One that gets out disqualifies the isolation.</summary>
internal sealed class CommandCanaries(LauncherTool tool, CommandPlanner planner, MachineArchitecture architecture, Func<CommandPlan, CommandPlan> weakening, ExecutorOptions options)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortLimit = TimeSpan.FromMilliseconds(150);

    /// <summary>Why the isolation does not hold; null when it does, or was proven before and nothing that it rests on has changed.</summary>
    public async Task<CommandRefusal?> TryAsync(string digest)
    {
        if (RememberedCommands.Holds(options, digest))
        {
            return null;
        }

        try
        {
            using var place = new CanaryPlace(options.DataDirectory);
            foreach (var canary in CanaryList.All(place, architecture))
            {
                var outcome = await RunAsync(place, canary).ConfigureAwait(false);
                if (!canary.IsContained(outcome))
                {
                    return Refusal(canary, outcome);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SocketException or Win32Exception)
        {
            return new CommandRefusal($"the isolation of commands could not be tested: {exception.Message}", null);
        }

        RememberedCommands.Write(options, digest);
        return null;
    }

    private Task<CommandOutcome> RunAsync(CanaryPlace place, Canary canary)
    {
        var command = new ProjectCommand
        {
            Arguments = [place.Add(canary.Name.Replace(' ', '-'), canary.Image)],
            WorkingDirectory = CanaryPlace.Work,
            Mounts = [new(place.ProgramDirectory, CanaryPlace.Programs), new(place.WorkDirectory, CanaryPlace.Work, Writable: true)],
            Masked = [$"{CanaryPlace.Programs}/{CanaryPlace.MaskedName}"],
            ToolChains = false,
            Limits = new CommandLimits { Time = canary.Expected == CanaryExpectation.IsEnded ? ShortLimit : Limit, MemoryBytes = CanaryList.MemoryBytes, OutputBytes = 4096 },
        };
        return CommandRun.RunAsync(tool.Path, weakening(planner.Plan(command)), command, new SandboxIdentity { Backend = "", Digest = "" }, options.Time, CancellationToken.None);
    }

    private static CommandRefusal Refusal(Canary canary, CommandOutcome outcome) => outcome.Refusal is { } refusal
        ? refusal with { Remedy = refusal.Remedy ?? NamespaceDiagnosis.Remedy(refusal.Message, NamespaceSettings.Read()) ?? (Libc.EffectiveUser() == 0 ? "run EdgeCoder as an ordinary user" : null) }
        : canary.Expected == CanaryExpectation.Works
            ? new CommandRefusal($"the sandbox does not let a command do what it may: it ended with {outcome.End}, code {outcome.ExitCode}", null)
            : new CommandRefusal($"the self-test of the sandbox got out: '{canary.Name}' ended with {outcome.End}, code {outcome.ExitCode}", "report this; commands stay refused on this machine");
}
