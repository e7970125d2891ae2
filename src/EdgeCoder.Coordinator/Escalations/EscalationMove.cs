using EdgeCoder.Protocol.Escalations;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>One change of an escalation. What is null stays as it is: results merge and never erase (agent-executor-models 7.2).</summary>
internal sealed record EscalationMove
{
    /// <summary>Where it goes.</summary>
    public required string Phase { get; init; }

    /// <summary>Its status then.</summary>
    public required EscalationStatus Status { get; init; }

    /// <summary>When the waterfall looks at it again.</summary>
    public required long NextAtMs { get; init; }

    /// <summary>Failed tries of the phase it goes to.</summary>
    public int Tries { get; init; }

    /// <summary>Polls of the phase it goes to.</summary>
    public int Polls { get; init; }

    /// <summary>A step that is told.</summary>
    public AutomatedAttempt? Attempt { get; init; }

    /// <summary>Added to the error history.</summary>
    public string? Error { get; init; }

    /// <summary>Candidate.</summary>
    public string? ImprovedCode { get; init; }

    /// <summary>In words.</summary>
    public string? Explanation { get; init; }

    /// <summary>Whose candidate.</summary>
    public string? By { get; init; }

    /// <summary>Model of the candidate.</summary>
    public string? Model { get; init; }

    /// <summary>unverified, accepted, rejected.</summary>
    public string? Verification { get; init; }

    /// <summary>Peer that has the work and may hand in the result.</summary>
    public string? GivenTo { get; init; }

    /// <summary>Whether a new round begins: another record for a person, if it comes to that.</summary>
    public bool NewRound { get; init; }
}
