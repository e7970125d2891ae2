using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Sessions;

/// <summary>One session of a list.</summary>
public sealed record SessionSummary
{
    /// <summary>Its id.</summary>
    public required string SessionId { get; init; }

    /// <summary>When it began, epoch milliseconds; 0 when it cannot be read.</summary>
    public required long AtMs { get; init; }

    /// <summary>The request; empty when it cannot be read.</summary>
    public required string Request { get; init; }

    /// <summary>The model; absent when it cannot be read.</summary>
    public string? ModelId { get; init; }

    /// <summary>The project's root, of repository work; absent for a snippet.</summary>
    public string? Root { get; init; }

    /// <summary>How it ended; absent while it is open or damaged.</summary>
    public SessionOutcome? Outcome { get; init; }

    /// <summary>Whether a resume would go on with it.</summary>
    public required bool Resumable { get; init; }

    /// <summary>Whether its journal cannot be read.</summary>
    public bool Damaged { get; init; }
}
