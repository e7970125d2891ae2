using EdgeCoder.Agent.Approvals;
using EdgeCoder.Commands;

namespace EdgeCoder.Repositories;

/// <summary>Names of the approval modes, as people write them (agent-executor-models 2.5).</summary>
internal static class ModeName
{
    /// <summary>The usual one.</summary>
    public const string Default = "workspace-write";

    /// <summary>All of them, the narrowest first, each with its meaning.</summary>
    public static IReadOnlyList<(ApprovalMode Mode, string Name, string Meaning)> All { get; } =
    [
        (ApprovalMode.ReadOnly, "read-only", "Reads; asks for everything else."),
        (ApprovalMode.WorkspaceWrite, Default, "Also writes in its worktree and runs the project's tests; asks for other commands."),
        (ApprovalMode.Full, "full", "Also runs every command, in the sandbox; asks for the network."),
    ];

    /// <summary>The name of a mode.</summary>
    public static string Of(ApprovalMode mode) => All.First(known => known.Mode == mode).Name;

    /// <summary>The mode of a name. Throws <see cref="UsageException"/> for an unknown one.</summary>
    public static ApprovalMode Parse(string name) => Find(name) ?? throw new UsageException("invalid_option", $"--mode must be {string.Join(", ", All.Select(known => known.Name))}, not {name}.");

    /// <summary>The mode of a name; null for an unknown one.</summary>
    public static ApprovalMode? Find(string name) => All.Where(known => known.Name == name.Trim()).Select(known => (ApprovalMode?)known.Mode).FirstOrDefault();
}
