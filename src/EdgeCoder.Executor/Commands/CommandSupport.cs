using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Commands;

/// <summary>What can be said about commands before anything is looked for: the operator's word and the system.</summary>
internal static class CommandSupport
{
    /// <summary>Why commands cannot run; null when nothing of this speaks against it.</summary>
    public static CommandRefusal? Refusal(ExecutorOptions options) => options.Mode switch
    {
        SandboxMode.None when options.SandboxRequired =>
            new("sandbox_required: SANDBOX_MODE is 'none' and SANDBOX_REQUIRED is true", "set SANDBOX_MODE to 'auto'"),
        SandboxMode.None => new("SANDBOX_MODE is 'none': this machine runs no code", "set SANDBOX_MODE to 'auto'"),
        SandboxMode.Docker or SandboxMode.Vm =>
            new($"SANDBOX_MODE is '{options.Mode.ToString().ToLowerInvariant()}', and that back-end is not built in this version", "set SANDBOX_MODE to 'auto' or 'process'"),
        _ when OperatingSystem.IsMacOS() || OperatingSystem.IsWindows() =>
            new("the isolation of a project's commands is built for Linux only in this version: a shared file system with masked files needs namespaces", OperatingSystem.IsWindows() ? "run EdgeCoder in WSL 2" : "run EdgeCoder in a Linux virtual machine"),
        _ when !OperatingSystem.IsLinux() || MachineArchitectures.Current is null => new("the isolation of a project's commands is built for Linux on x86-64 and aarch64", null),
        _ => null,
    };
}
