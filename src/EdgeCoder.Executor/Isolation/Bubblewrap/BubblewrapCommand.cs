using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation.Entry;

namespace EdgeCoder.Executor.Isolation.Bubblewrap;

/// <summary>Builds bubblewrap's argument vector.</summary>
internal static class BubblewrapCommand
{
    /// <summary>Descriptor from which it reads the entry program.</summary>
    public const int EntryDescriptor = SandboxCommand.FirstFileDescriptor;

    /// <summary>First descriptor from which it reads runner files.</summary>
    public const int FirstRunnerDescriptor = EntryDescriptor + 1;

    /// <summary>User and group id inside.</summary>
    public const string InnerId = "1000";

    private const string EntryPath = SandboxFiles.RunnerDirectory + "/entry";

    /// <summary>Arguments after bubblewrap's own name.</summary>
    /// <param name="interpreter">The interpreter.</param>
    /// <param name="runnerFiles">Names of the runner's files, in the order of their descriptors.</param>
    /// <param name="weakening">Arguments that break the sandbox, for testing that the self-test notices.</param>
    public static IReadOnlyList<string> Arguments(Interpreter interpreter, IReadOnlyList<string> runnerFiles, IReadOnlyList<string> weakening)
    {
        List<string> arguments =
        [
            "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
            "--uid", InnerId, "--gid", InnerId, "--hostname", "sandbox", "--die-with-parent", "--new-session", "--clearenv",

            // All are dropped but the two with which the entry program mounts the scratch directory and then takes both away from itself.
            "--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP",
            "--info-fd", $"{SandboxCommand.InfoDescriptor}",
        ];
        foreach (var mount in SandboxFiles.For(interpreter))
        {
            arguments.AddRange(mount.Kind == MountKind.Link ? ["--symlink", mount.Target, mount.Path] : ["--ro-bind", mount.Path, mount.Path]);
        }

        foreach (var device in SandboxFiles.Devices)
        {
            arguments.AddRange(["--dev-bind", device, device]);
        }

        arguments.AddRange(["--dir", EntryProgram.ScratchPath, "--perms", "0555", "--ro-bind-data", $"{EntryDescriptor}", EntryPath]);
        for (var i = 0; i < runnerFiles.Count; i++)
        {
            arguments.AddRange(["--perms", "0444", "--ro-bind-data", $"{FirstRunnerDescriptor + i}", $"{SandboxFiles.RunnerDirectory}/{runnerFiles[i]}"]);
        }

        arguments.AddRange(weakening);

        // The root is a file system of its own that would otherwise stay writable.
        arguments.AddRange(["--remount-ro", "/", "--chdir", "/", "--", EntryPath]);
        return arguments;
    }
}
