namespace EdgeCoder.Protocol.Results;

/// <summary>Counts of tests.</summary>
public sealed record TestCounts(int Run, int Passed, int Failed, int Skipped);

/// <summary>The model that really ran; a claim.</summary>
public sealed record ModelClaim(string ModelId, string? Digest);

/// <summary>The sandbox that really ran; a claim.</summary>
public sealed record SandboxClaim(string Mode, string? Digest);

/// <summary>
/// Body of <c>POST /result</c> (coordinator-and-mesh 4.5), plain or sealed. <see cref="ResultDigest"/> is hex SHA-256 of the RFC 8785 form of
/// <c>{checkDigest,error,escalationReason,logsDigest,model,ok,output,patchDigest,sandbox,snapshotDigest,testReport}</c>, absent members omitted.
/// </summary>
public sealed record ResultReport
{
    /// <summary>Lease.</summary>
    public string? LeaseId { get; init; }

    /// <summary>Subtask.</summary>
    public string? SubtaskId { get; init; }

    /// <summary>The signer.</summary>
    public string? AgentId { get; init; }

    /// <summary>Task.</summary>
    public string? TaskId { get; init; }

    /// <summary>What the agent believes; false is an honest failure.</summary>
    public bool? Ok { get; init; }

    /// <summary>The code or text asked for, at most 256 KiB; never the program's output.</summary>
    public string? Output { get; init; }

    /// <summary>What went wrong.</summary>
    public string? Error { get; init; }

    /// <summary>Wall time as the agent measured it; decides nothing.</summary>
    public long? DurationMs { get; init; }

    /// <summary>Digest of the result.</summary>
    public string? ResultDigest { get; init; }

    /// <summary>16 random bytes, base64.</summary>
    public string? ReportNonce { get; init; }

    /// <summary>Signature of <c>{v:1,leaseId,subtaskId,agentId,ok,resultDigest,reportNonce}</c> in context <c>edgecoder/report/v1</c>.</summary>
    public string? ReportSignature { get; init; }

    /// <summary>Patch of a repository change: a blob.</summary>
    public string? PatchDigest { get; init; }

    /// <summary>The agent's own counts; decide nothing.</summary>
    public TestCounts? TestReport { get; init; }

    /// <summary>History, standard streams, events: a blob.</summary>
    public string? LogsDigest { get; init; }

    /// <summary>Model.</summary>
    public ModelClaim? Model { get; init; }

    /// <summary>Sandbox.</summary>
    public SandboxClaim? Sandbox { get; init; }

    /// <summary>Snapshot it worked on.</summary>
    public string? SnapshotDigest { get; init; }

    /// <summary>Check it ran.</summary>
    public string? CheckDigest { get; init; }

    /// <summary>Why it asks for help.</summary>
    public string? EscalationReason { get; init; }

    /// <summary>With sealed work: how the blobs that the report names were sealed when they were sent. Travels inside the sealed part only.</summary>
    public IReadOnlyList<Leases.SealedBlob>? Blobs { get; init; }

    /// <summary>Sealed form: 32 random bytes, base64.</summary>
    public string? ResponseNonce { get; init; }

    /// <summary>Sealed form: the members that are not in the clear, base64.</summary>
    public string? EncryptedPayload { get; init; }
}

/// <summary>Answer of <c>POST /result</c>.</summary>
public sealed record ResultAnswer(bool Ok, Tasks.SubtaskState? State, bool? Duplicate);
