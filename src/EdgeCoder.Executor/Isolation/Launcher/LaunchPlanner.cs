using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation.Bubblewrap;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.Launcher;

/// <summary>Writes plans for one interpreter on one machine.</summary>
internal sealed record LaunchPlanner
{
    /// <summary>Where a program may write in <see cref="LaunchMode.Landlock"/>.</summary>
    public const string ScratchInLandlock = LaunchPlan.ScratchMark + EntryProgram.ScratchPath;

    private static readonly ResourceLimit[] LimitsOfOneJob = [ResourceLimit.Cpu, ResourceLimit.Data, ResourceLimit.AddressSpace];

    /// <summary>How to isolate.</summary>
    public required LaunchMode Mode { get; init; }

    /// <summary>The interpreter.</summary>
    public required Interpreter Interpreter { get; init; }

    /// <summary>The processor.</summary>
    public required MachineArchitecture Architecture { get; init; }

    /// <summary>The kernel's Landlock ABI; 0 when it has none.</summary>
    public required int LandlockAbi { get; init; }

    /// <summary>Whether this process is root, so that the launcher becomes an unprivileged user first.</summary>
    public bool Root { get; init; } = Libc.EffectiveUser() == 0;

    /// <summary>The directory of the runner's files, as the program sees it.</summary>
    public string RunnerDirectory => Mode == LaunchMode.Namespaces ? SandboxFiles.RunnerDirectory : LaunchPlan.ScratchMark + SandboxFiles.RunnerDirectory;

    /// <summary>The directory in which a program may write, as it sees it.</summary>
    public string ScratchDirectory => Mode == LaunchMode.Namespaces ? EntryProgram.ScratchPath : ScratchInLandlock;

    /// <summary>A program that runs one job and ends.</summary>
    /// <param name="limits">Limits of the job.</param>
    /// <param name="files">The runner's files, the one that is started first.</param>
    public LaunchPlan OneShot(LimitPlan limits, IReadOnlyList<(string Name, byte[] Content)> files)
    {
        var arguments = InterpreterCommand.Arguments(Interpreter, limits, $"{RunnerDirectory}/{files[0].Name}");
        var filter = Filter();
        return Plan(limits, files, Mode == LaunchMode.Namespaces ? arguments : [.. arguments, ScratchDirectory]) with
        {
            Filter = SeccompFilter.Encode(filter),
            PidOffsets = SeccompFilter.PidOffsets(filter),
            Landlock = Layer(),
        };
    }

    /// <summary>
    /// A program that makes children, one for each job. What holds for one job only, its children set for themselves: the filter, the layer of the job's own directory,
    /// CPU time and memory. Without namespaces the common layer holds from the beginning.
    /// </summary>
    public LaunchPlan Zygote(LimitPlan limits, IReadOnlyList<(string Name, byte[] Content)> files, IReadOnlyList<string> arguments)
    {
        var plan = Plan(limits, files, arguments);
        return plan with
        {
            Zygote = true,
            Limits = [.. plan.Limits.Where(limit => !LimitsOfOneJob.Contains(limit.Limit))],
            Landlock = Mode == LaunchMode.Landlock ? Layer() : null,
        };
    }

    /// <summary>The system-call filter of a program whose process id is not known yet.</summary>
    public IReadOnlyList<BpfInstruction> Filter() => SeccompFilter.Build(Architecture, SeccompPolicy.For(SeccompPolicy.UnknownPid, ownFiles: Mode == LaunchMode.Namespaces));

    /// <summary>The Landlock layer of a program; null when the kernel has none.</summary>
    public LandlockLayer? Layer() =>
        LandlockAbi == 0 ? null : LandlockPolicy.For(LandlockAbi, SandboxFiles.For(Interpreter), SandboxFiles.Devices, RunnerDirectory, ScratchDirectory);

    private LaunchPlan Plan(LimitPlan limits, IReadOnlyList<(string Name, byte[] Content)> files, IReadOnlyList<string> arguments)
    {
        var entry = limits.ToEntryPlan(Interpreter.Path, arguments, InterpreterCommand.Environment(Interpreter.Language, ScratchDirectory));
        return new LaunchPlan
        {
            HostPid = Environment.ProcessId,
            Mode = Mode,
            Zygote = false,
            UserId = Root ? BubblewrapTool.UnprivilegedId : null,
            Mounts = SandboxFiles.For(Interpreter),
            Devices = SandboxFiles.Devices,
            RunnerFiles = files,
            Program = entry.Interpreter,
            Arguments = entry.Arguments,
            Environment = entry.Environment,
            ScratchBytes = entry.ScratchBytes,
            ScratchFiles = entry.ScratchFiles,

            // Without a user namespace NPROC would count all processes of the user on the machine: it is left as it is. The filter allows threads only, and each
            // thread's stack counts against the memory limits.
            Limits =
            [
                .. entry.Limits.Where(limit => Mode == LaunchMode.Namespaces || limit.Key != ResourceLimit.Processes)
                    .OrderBy(limit => limit.Key).Select(limit => (limit.Key, limit.Value.Soft, limit.Value.Hard)),
            ],
            Filter = [],
            PidOffsets = [],
        };
    }
}
