using EdgeCoder.Executor.Commands.View;
using EdgeCoder.Executor.Isolation.Bubblewrap;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Commands.Launching;

/// <summary>Writes the plan of a command: all that is decided about its isolation is decided here.</summary>
internal sealed class CommandPlanner(MachineArchitecture architecture, int landlockAbi, Func<ToolChains> tools)
{
    // Without LANDLOCK_ACCESS_FS_REFER nothing may be moved from one directory to another, which every build does.
    private const int LeastLandlock = 2;

    private const int MostOpenFiles = 65536;
    private const int OpenFiles = 4096;

    private readonly byte[] filter = CommandPolicy.Filter(architecture);
    private readonly IReadOnlyDictionary<ResourceLimit, ulong> most = HardLimits.Read(File.ReadAllText("/proc/self/limits"));

    /// <summary>Whether this process is root, so that the launcher becomes an unprivileged user first.</summary>
    public bool Root { get; init; } = Libc.EffectiveUser() == 0;

    /// <summary>The plan.</summary>
    /// <exception cref="ArgumentException">No caller may build such a command.</exception>
    public CommandPlan Plan(ProjectCommand command)
    {
        CommandCheck.Check(command);
        var chains = command.ToolChains ? tools() : ToolChains.None;
        var environment = CommandEnvironment.Of(command, chains);
        IReadOnlyList<CommandPlace> places =
        [
            .. SystemView.Places(command.Network),
            .. chains.Places.Select(Owned),
            .. command.ToolChains ? CommandEnvironment.Caches(chains, command.Network).Select(cache => Owned(SystemView.Bind(cache.Source, cache.Target, isDirectory: true))) : [],
            .. command.Mounts.Select(mount => Owned(SystemView.Bind(mount.Source, mount.Target, Directory.Exists(mount.Source)) with { Writable = mount.Writable })),
        ];
        return new CommandPlan
        {
            HostPid = Environment.ProcessId,
            UserId = Root ? BubblewrapTool.UnprivilegedId : null,
            Network = command.Network,
            Places = places,
            Masks = [.. chains.Masks, .. command.Masked],
            WorkingDirectory = command.WorkingDirectory,
            Programs = Programs(command.Arguments[0], environment["PATH"]),
            Arguments = command.Arguments,
            Environment = [.. environment.Select(pair => $"{pair.Key}={pair.Value}")],
            Limits = Limits(command.Limits),
            Filter = filter,
            Landlock = landlockAbi < LeastLandlock ? null : Layer(command),
        };
    }

    private static IReadOnlyList<string> Programs(string name, string searchPath) =>
        name.Contains('/') ? [name] : [.. searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(directory => $"{directory}/{name}")];

    private CommandPlace Owned(CommandPlace place) => Root ? place with { Owner = FileOwner.Of(place.Source) } : place;

    // The process limit counts the sandbox's first process too. Address space is not limited: runtimes reserve far more than they use.
    private IReadOnlyList<(ResourceLimit Limit, ulong Soft, ulong Hard)> Limits(CommandLimits limits) =>
    [
        Limit(ResourceLimit.FileSize, (ulong)limits.FileBytes),
        Limit(ResourceLimit.Data, (ulong)limits.MemoryBytes),
        Limit(ResourceLimit.Core, 0),
        Limit(ResourceLimit.Processes, (ulong)limits.Processes + 1),
        Limit(ResourceLimit.OpenFiles, MostOpenFiles) with { Soft = Math.Min(OpenFiles, Limit(ResourceLimit.OpenFiles, MostOpenFiles).Hard) },
        Limit(ResourceLimit.LockedMemory, 8 << 20),
        Limit(ResourceLimit.MessageQueues, 1 << 20),
    ];

    private (ResourceLimit Limit, ulong Soft, ulong Hard) Limit(ResourceLimit limit, ulong wanted)
    {
        var value = Math.Min(wanted, most.GetValueOrDefault(limit, ulong.MaxValue));
        return (limit, value, value);
    }

    // A second layer under the mounts: nothing can be written but where something may be, whatever the mounts say; and signals and abstract sockets end here.
    private LandlockLayer Layer(ProjectCommand command)
    {
        const LandlockAccess Reading = LandlockAccess.Execute | LandlockAccess.ReadFile | LandlockAccess.ReadDirectory | LandlockAccess.Refer;
        var handled = LandlockPolicy.Handled(landlockAbi);
        var onFile = handled & (LandlockAccess.Execute | LandlockAccess.ReadFile | LandlockAccess.WriteFile | LandlockAccess.Truncate | LandlockAccess.ControlDevice);
        return new LandlockLayer
        {
            Files = handled,
            Network = 0,
            Scopes = landlockAbi >= 6 ? 3u : 0,
            Rules =
            [
                new("/", Reading & handled),
                .. SystemView.Writable.Select(path => new LandlockRule(path, handled)),
                .. command.Mounts.Where(mount => mount.Writable).Select(mount => new LandlockRule(mount.Target, Directory.Exists(mount.Source) ? handled : onFile)),
            ],
        };
    }
}
