using EdgeCoder.Coordinator.Releases;
using EdgeCoder.Protocol.Power;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>Knobs of the agent's life at a coordinator.</summary>
internal sealed record AgentOptions
{
    /// <summary><c>REQUIRE_VERIFIED_AGENTS</c>: registration is refused unless the program's integrity is <c>verified</c>.</summary>
    public bool RequireVerified { get; init; }

    /// <summary><c>NODE_REGISTRATION_TOKEN_TTL_MS</c>, 60,000 to 2,592,000,000.</summary>
    public long RegistrationTokenTtlMs { get; init; } = 259_200_000;

    /// <summary><c>PORTAL_SERVICE_URL</c>; null: the coordinator's own enrolment table answers.</summary>
    public Uri? PortalUrl { get; init; }

    /// <summary><c>PORTAL_SERVICE_TOKEN</c>, sent to the portal only. Without it a portal that is named admits nobody.</summary>
    public string? PortalToken { get; init; }

    /// <summary>Whether the own enrolment table answers for its nodes also where a portal is named: in all-in-one.</summary>
    public bool EnrolsBesidePortal { get; init; }

    /// <summary><c>NETWORK_MODE</c>: <c>public_mesh</c> or <c>enterprise_overlay</c>.</summary>
    public string NetworkMode { get; init; } = "public_mesh";

    /// <summary><c>IOS_BATTERY_…</c>.</summary>
    public PowerSettings Power { get; init; } = new();

    /// <summary>Whether other processes write the same store: then what is kept in memory is checked against it. Set for PostgreSQL.</summary>
    public bool SharedStore { get; init; }

    /// <summary>Releases that are known here (economy-and-ledger 16.4).</summary>
    public ReleaseOptions Releases { get; init; } = new();

    /// <summary>Where the health probe looks for a model server; null: none is expected.</summary>
    public Uri? OllamaUrl { get; init; }

    /// <summary>Owner of nodes that an operator enrols without naming one.</summary>
    public string OperatorAccountId { get; init; } = "operator";

    /// <inheritdoc/>
    public override string ToString() => "AgentOptions";
}
