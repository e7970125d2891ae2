using EdgeCoder.Executor;
using EdgeCoder.Settings;

namespace EdgeCoder.Commands;

/// <summary>The executor as the environment asks for it.</summary>
internal static class ExecutorParts
{
    /// <summary>Options from <c>SANDBOX_MODE</c>, <c>SANDBOX_REQUIRED</c> and <c>NODE_BIN</c>. Throws <see cref="UsageException"/> that names every fault.</summary>
    public static ExecutorOptions Options(Surroundings surroundings, ProgramDirectories directories)
    {
        var faults = new List<string>();
        var mode = Value("SANDBOX_MODE")?.ToLowerInvariant() switch
        {
            null or "auto" => SandboxMode.Auto,
            "process" => SandboxMode.Process,
            "docker" => SandboxMode.Docker,
            "vm" => SandboxMode.Vm,
            "none" => SandboxMode.None,
            _ => Fault(SandboxMode.Auto, "SANDBOX_MODE must be auto, process, docker, vm or none."),
        };
        var required = Value("SANDBOX_REQUIRED")?.ToLowerInvariant() switch
        {
            null or "false" or "0" => false,
            "true" or "1" => true,
            _ => Fault(false, "SANDBOX_REQUIRED must be true or false."),
        };
        if (required && mode == SandboxMode.None)
        {
            faults.Add("sandbox_required: SANDBOX_REQUIRED is true, so SANDBOX_MODE must not be none.");
        }

        var node = Value("NODE_BIN");
        if (node is not null && !File.Exists(node))
        {
            faults.Add($"NODE_BIN names {node}, which is not there.");
        }

        return faults.Count == 0
            ? new() { DataDirectory = directories.Data, Mode = mode, SandboxRequired = required, NodePath = node, Time = surroundings.Time }
            : throw new UsageException("invalid_settings", string.Join(System.Environment.NewLine, faults));

        string? Value(string name) => surroundings.Environment(name)?.Trim() is { Length: > 0 } value ? value : null;

        T Fault<T>(T stand, string message)
        {
            faults.Add(message);
            return stand;
        }
    }
}
