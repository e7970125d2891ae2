namespace EdgeCoder.Executor.Isolation.Seccomp;

/// <summary>What happens to one system call: <see cref="Action"/> when there is no alternative, or when an alternative's conditions all hold; else <see cref="Otherwise"/>.</summary>
internal sealed record SyscallRule
{
    /// <summary>Name, as in the kernel's table.</summary>
    public required string Name { get; init; }

    /// <summary>A <see cref="SeccompAction"/>.</summary>
    public required uint Action { get; init; }

    /// <summary>Sets of conditions; one whole set must hold. Empty: the call is not looked into.</summary>
    public IReadOnlyList<IReadOnlyList<ArgumentCondition>> Alternatives { get; init; } = [];

    /// <summary>A <see cref="SeccompAction"/> for when no alternative holds.</summary>
    public uint Otherwise { get; init; } = SeccompAction.NotPermitted;
}
