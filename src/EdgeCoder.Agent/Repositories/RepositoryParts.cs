using EdgeCoder.Agent.Sessions;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Repositories;

/// <summary>What repository work is put together from.</summary>
public sealed record RepositoryParts
{
    /// <summary>EdgeCoder's data directory: worktrees, sessions, trust and the rules that a person allowed for a project.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The person's configuration directory; <c>policy.json</c> in it holds the person's rules.</summary>
    public required string ConfigDirectory { get; init; }

    /// <summary>The managed policy, which nobody else's rules can loosen. Default: <c>/etc/edgecoder/policy.json</c>, or the system's own place for it.</summary>
    public string ManagedPolicy { get; init; } = Approvals.PolicyPlaces.Managed;

    /// <summary>Runs the project's programs and git. The caller owns it.</summary>
    public required IProjectSandbox Sandbox { get; init; }

    /// <summary>Keeps the sessions.</summary>
    public required SessionStore Sessions { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
