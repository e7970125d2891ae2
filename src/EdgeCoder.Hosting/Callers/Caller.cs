namespace EdgeCoder.Hosting.Callers;

/// <summary>The kinds of callers of the specifications (coordinator-and-mesh, auth letters). A route names every kind that may call it.</summary>
[Flags]
public enum CallerKinds
{
    /// <summary>Nobody; never the rule of a route.</summary>
    None = 0,

    /// <summary>–: anyone, without a credential.</summary>
    Anyone = 1,

    /// <summary>A: an enrolled agent, by its signature.</summary>
    Agent = 2,

    /// <summary>P: an approved peer coordinator, by its signature.</summary>
    Peer = 4,

    /// <summary>U: a submitter, by a personal API key.</summary>
    Submitter = 8,

    /// <summary>O: an operator, by a named admin token or a portal session.</summary>
    Operator = 16,

    /// <summary>S: a service or operator's tool, by <c>x-mesh-token</c>.</summary>
    MeshService = 32,

    /// <summary>W: the portal, by <c>x-portal-service-token</c>.</summary>
    PortalService = 64,
}

/// <summary>Who sent a request, after its credential was checked. It is made only by the credential checks.</summary>
public sealed record Caller
{
    /// <summary>One kind.</summary>
    public required CallerKinds Kind { get; init; }

    /// <summary>Agent id, peer id, name of the API key or of the admin token, actor that the portal named; a service's own name else. Goes into the audit log.</summary>
    public required string Name { get; init; }

    /// <summary>Accounts this caller acts for: those of the key or agent, or the one the portal named. Operators and services act for any account (audited).</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>Tenants of those accounts.</summary>
    public IReadOnlyList<string> Tenants { get; init; } = [];

    /// <summary>Scopes of an admin token.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];
}
