using EdgeCoder.Agent.Submissions;

namespace EdgeCoder.IdeProvider.Swarm;

/// <summary>The coordinator that the operator named with the endpoint's own credentials, or why there is none. There is no default coordinator.</summary>
public sealed record SwarmAccess
{
    private SwarmAccess()
    {
    }

    /// <summary>Where to and as whom; null for no swarm.</summary>
    public SubmitterAccess? Submitter { get; private init; }

    /// <summary>Why there is none, with the next step.</summary>
    public string? Reason { get; private init; }

    /// <summary>A coordinator.</summary>
    public static SwarmAccess Of(SubmitterAccess submitter) => new() { Submitter = submitter };

    /// <summary>No swarm.</summary>
    public static SwarmAccess None(string reason) => new() { Reason = reason };

    /// <summary>Nobody named a coordinator.</summary>
    public static SwarmAccess NotNamed { get; } = None("No coordinator is named: set COORDINATOR_URL.");
}
