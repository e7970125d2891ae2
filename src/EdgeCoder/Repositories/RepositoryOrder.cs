using EdgeCoder.Agent.Repositories;

namespace EdgeCoder.Repositories;

/// <summary>What a person asked of repository work, besides the words of the request.</summary>
internal sealed record RepositoryOrder
{
    /// <summary>Root, mode, budgets and the rest, as the session takes them.</summary>
    public required RepositoryTask Task { get; init; }

    /// <summary>Exact id of the model; null: the settings choose.</summary>
    public string? Model { get; init; }

    /// <summary>Session to go on with; null: a new one.</summary>
    public string? Resume { get; init; }

    /// <summary>Whether the project's own test command needs no question.</summary>
    public bool ApproveTests { get; init; }

    /// <summary>Whether a change whose tests passed is applied without a question.</summary>
    public bool Apply { get; init; }

    /// <summary>Whether the root is trusted from now on, without a question.</summary>
    public bool Trust { get; init; }

    /// <summary>Whether a program reads the output.</summary>
    public bool Json { get; init; }
}
