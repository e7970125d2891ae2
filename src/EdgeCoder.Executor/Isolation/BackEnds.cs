using System.Runtime.Versioning;
using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation.AppContainer;
using EdgeCoder.Executor.Isolation.Bubblewrap;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Isolation.Seatbelt;
using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Isolation;

/// <summary>The back-ends of this system for interpreters, strongest first.</summary>
internal static class BackEnds
{
    /// <summary>Our own launcher, with namespaces.</summary>
    public const string LauncherNamespaces = "launcher-namespaces";

    /// <summary>The system's bubblewrap, where the launcher was not built.</summary>
    public const string Bubblewrap = "bubblewrap";

    /// <summary>Our own launcher, with Landlock and the system-call filter alone.</summary>
    public const string LauncherLandlock = "launcher-landlock";

    /// <summary>In the order in which they are tried.</summary>
    public static IReadOnlyList<BackEnd> OfThisSystem(ExecutorOptions options)
    {
        if (OperatingSystem.IsMacOS())
        {
            return [Seatbelt(options)];
        }

        if (OperatingSystem.IsWindows())
        {
            return [AppContainer(options)];
        }

        if (!OperatingSystem.IsLinux() || MachineArchitectures.Current is not { } architecture)
        {
            return [];
        }

        BackEnd[] all = [Launcher(LaunchMode.Namespaces, architecture, options), Bubblewrapped(architecture, options), Launcher(LaunchMode.Landlock, architecture, options)];
        return [.. all.Where(one => options.OnlyBackEnd is null ? one.Key != LauncherLandlock || options.LandlockAllowed : one.Key == options.OnlyBackEnd)];
    }

    [SupportedOSPlatform("macos")]
    private static BackEnd Seatbelt(ExecutorOptions options) => new()
    {
        Key = "seatbelt",
        Name = "seatbelt",
        Mechanism = "Seatbelt profile",
        Untested = true,
        MakeAsync = (interpreter, _) => Task.FromResult<(ISandbox?, SandboxRefusal?)>((new SeatbeltSandbox(interpreter, options.Time), null)),
    };

    [SupportedOSPlatform("windows")]
    private static BackEnd AppContainer(ExecutorOptions options) => new()
    {
        Key = "appcontainer",
        Name = "appcontainer",
        Mechanism = "AppContainer and job object",
        Untested = true,
        MakeAsync = (interpreter, _) => Task.FromResult<(ISandbox?, SandboxRefusal?)>((new AppContainerSandbox(interpreter, options.Time), null)),
    };

    private static BackEnd Launcher(LaunchMode mode, MachineArchitecture architecture, ExecutorOptions options) => new()
    {
        Key = mode == LaunchMode.Namespaces ? LauncherNamespaces : LauncherLandlock,
        Name = LauncherSandbox.BackendOf(mode),
        Mechanism = mode == LaunchMode.Namespaces ? "launcher: namespaces, Landlock, system-call filter" : "launcher: Landlock and system-call filter, no namespaces",
        Untested = MachineArchitectures.Untested,
        MakeAsync = (interpreter, _) => Task.FromResult(Launched(mode, architecture, interpreter, options)),
    };

    private static (ISandbox? Sandbox, SandboxRefusal? Refusal) Launched(LaunchMode mode, MachineArchitecture architecture, Interpreter interpreter, ExecutorOptions options)
    {
        var (tool, missing) = LauncherTool.Find(options.LauncherDirectory);
        if (tool is null)
        {
            return (null, missing);
        }

        var landlock = LandlockSupport.Ask();
        if (mode == LaunchMode.Landlock && landlock.RefusalAlone is { } refusal)
        {
            return (null, refusal);
        }

        var planner = new LaunchPlanner { Mode = mode, Interpreter = interpreter, Architecture = architecture, LandlockAbi = landlock.Abi };
        return (new LauncherSandbox(tool, planner, options.Time), null);
    }

    private static BackEnd Bubblewrapped(MachineArchitecture architecture, ExecutorOptions options) => new()
    {
        Key = Bubblewrap,
        Name = "namespaces",
        Mechanism = "bubblewrap: namespaces, system-call filter",
        Untested = MachineArchitectures.Untested,
        MakeAsync = async (interpreter, cancellationToken) =>
        {
            var (tool, missing) = await BubblewrapTool.FindAsync(options.ToolPath, Libc.EffectiveUser() == 0, cancellationToken).ConfigureAwait(false);
            return tool is null ? (null, missing) : (new BubblewrapSandbox(tool, interpreter, architecture, options.Time), null);
        },
    };
}
