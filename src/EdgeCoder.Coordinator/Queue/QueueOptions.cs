using EdgeCoder.Coordinator.Accounts;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>Settings of the queue.</summary>
internal sealed record QueueOptions
{
    /// <summary>Queue partitions: 1 with SQLite, some with PostgreSQL. Stored with each task; a changed number moves nothing that is stored, so keep it.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>Only agents with a verified release work (<c>REQUIRE_VERIFIED_AGENTS</c>).</summary>
    public bool RequireVerifiedAgents { get; init; }

    /// <summary>Whether <c>mesh</c> work is refused because the network is an enterprise overlay (<c>NETWORK_MODE</c>).</summary>
    public bool EnterpriseOverlay { get; init; }

    /// <summary>Most leases that a project has at a time; 0: any number.</summary>
    public int ProjectLeases { get; init; }

    /// <summary>Most leases that a tenant has at a time; 0: any number.</summary>
    public int TenantLeases { get; init; }

    /// <summary>Whether text that nobody can run again is paid, at half quality (project policy).</summary>
    public bool PayUnverified { get; init; } = true;

    /// <summary>Who spends must contribute (<c>CONTRIBUTION_BURST_CREDITS</c>, <c>MIN_CONTRIBUTION_RATIO</c>).</summary>
    public SubmissionGate Gate { get; init; } = SubmissionGate.Default;

    /// <summary>Account of the operator's own agents: their results for others are not judged here. Null: none are.</summary>
    public string? OperatorAccountId { get; init; }

    /// <summary>A verification or baseline claim lapses after this time without renewal; default 30 s, three renewals.</summary>
    public TimeSpan ClaimTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Base of the inference role (<c>INFERENCE_URL</c>).</summary>
    public Uri InferenceUrl { get; init; } = new("http://127.0.0.1:4302");

    /// <summary><c>INFERENCE_AUTH_TOKEN</c>; null sends none and the inference role refuses.</summary>
    public string? InferenceToken { get; init; }

    /// <summary>Partition of a task: FNV-1a over its id, so that every silo and version agrees.</summary>
    public int PartitionOf(string taskId)
    {
        var hash = 2166136261u;
        foreach (var c in taskId)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return (int)(hash % (uint)Partitions);
    }
}
