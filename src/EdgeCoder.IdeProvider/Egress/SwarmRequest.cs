using EdgeCoder.Agent.Submissions;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.IdeProvider.Egress;

/// <summary>What a person wants of the swarm, before anything of it was released.</summary>
internal sealed record SwarmRequest
{
    /// <summary>Id of the task: the same request again has the same id and no second effect.</summary>
    public required string Id { get; init; }

    /// <summary>The text.</summary>
    public required string Prompt { get; init; }

    /// <summary><see cref="SubtaskKind.SingleStep"/> for a chat, <see cref="SubtaskKind.MicroLoop"/> for code that is run and verified.</summary>
    public required SubtaskKind Kind { get; init; }

    /// <summary>Language of the code; null where none is asked for.</summary>
    public string? Language { get; init; }

    /// <summary>Tests that the result has to pass; null for none.</summary>
    public TestsText? Tests { get; init; }

    /// <summary>Wall time of one run of the tests. Default 10 s.</summary>
    public TimeSpan TestsTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Project that it belongs to; null for the account's default. Default: that of an editor's requests.</summary>
    public string? Project { get; init; } = "ide-requests";

    /// <summary>0 to 100; null for the coordinator's default. Default: that of an editor's requests.</summary>
    public int? Priority { get; init; } = 60;

    /// <summary>Most credits; null for the account's limit.</summary>
    public decimal? MaxCredits { get; init; }

    /// <summary>Most tokens of one attempt, read and written; null for no limit of its own.</summary>
    public long? MaxTokens { get; init; }
}
