using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Protocol.Leases;

/// <summary>Body of <c>POST /pull</c>.</summary>
public sealed record PullRequest
{
    /// <summary>The signer.</summary>
    public string? AgentId { get; init; }

    /// <summary>How long to wait for work, 0 to 30,000. Default 0.</summary>
    public int? WaitMs { get; init; }

    /// <summary>1 to 64; with it the answer has only <see cref="PullAnswer.Assignments"/>.</summary>
    public int? MaxSubtasks { get; init; }
}

/// <summary>Answer of <c>POST /pull</c>, in all its forms (coordinator-and-mesh 4.4).</summary>
public sealed record PullAnswer
{
    /// <summary>The first assignment's plain subtask, without <see cref="PullRequest.MaxSubtasks"/>.</summary>
    public SubtaskOrder? Subtask { get; init; }

    /// <summary>The first assignment's envelope.</summary>
    public SealedEnvelope? Envelope { get; init; }

    /// <summary>The first assignment's lease.</summary>
    public Lease? Lease { get; init; }

    /// <summary>Everything leased by this pull.</summary>
    public IReadOnlyList<Assignment> Assignments { get; set => field = value ?? []; } = [];

    /// <summary>True: the agent's state forbids any lease.</summary>
    public bool? Blocked { get; init; }

    /// <summary>True: power forbids or defers.</summary>
    public bool? PowerDeferred { get; init; }

    /// <summary>When to ask again.</summary>
    public int? DeferMs { get; init; }

    /// <summary>True: only sandboxed work waits and the agent has no sandbox.</summary>
    public bool? SandboxRequired { get; init; }

    /// <summary>Stable reason when nothing was leased.</summary>
    public string? Reason { get; init; }
}

/// <summary>One lease with its work: plain only over loopback to an agent that never registered an X25519 key.</summary>
public sealed record Assignment
{
    /// <summary>The lease as it reads.</summary>
    public required Lease Lease { get; init; }

    /// <summary>The lease's exact signed bytes, base64.</summary>
    public required string SignedLease { get; init; }

    /// <summary>Plain work.</summary>
    public SubtaskOrder? Subtask { get; init; }

    /// <summary>Sealed work.</summary>
    public SealedEnvelope? Envelope { get; init; }
}

/// <summary>What the holder of a lease works on ("Subtask" in coordinator-and-mesh 4.4).</summary>
public sealed record SubtaskOrder
{
    /// <summary>The subtask.</summary>
    public required string Id { get; init; }

    /// <summary>Its task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Kind.</summary>
    public required SubtaskKind Kind { get; init; }

    /// <summary>Language.</summary>
    public required string Language { get; init; }

    /// <summary>The request, with the outputs of its dependencies before it.</summary>
    public required string Input { get; init; }

    /// <summary>16 random bytes, base64.</summary>
    public required string InputSalt { get; init; }

    /// <summary>Limit of each run, in milliseconds.</summary>
    public required int TimeoutMs { get; init; }

    /// <summary>Limit of the attempt.</summary>
    public required int AttemptTimeoutMs { get; init; }

    /// <summary>Steps and tokens.</summary>
    public AttemptLimits? Limits { get; init; }

    /// <summary>Where the work may run.</summary>
    public required SharedDataClass DataClass { get; init; }

    /// <summary>Snapshot as the submitter named it.</summary>
    public string? SnapshotRef { get; init; }

    /// <summary>The blob to work on; agents fetch nothing else.</summary>
    public string? SnapshotDigest { get; init; }

    /// <summary>What decides, without the overlay for workers.</summary>
    public AcceptanceCheck? AcceptanceCheck { get; init; }

    /// <summary>Project.</summary>
    public required ProjectMeta ProjectMeta { get; init; }

    /// <summary>Model wished for.</summary>
    public string? RequestedModel { get; init; }

    /// <summary>Whether only that model will do.</summary>
    public bool? ModelRequired { get; init; }

    /// <summary>Ids of accepted dependencies.</summary>
    public IReadOnlyList<string>? DependsOn { get; init; }

    /// <summary>0-based position.</summary>
    public int? SubtaskIndex { get; init; }

    /// <summary>With purpose verify or audit: what is run again.</summary>
    public VerificationSubject? Subject { get; init; }

    /// <summary>Keys of blobs that a sealed lease fetches encrypted.</summary>
    public IReadOnlyList<SealedBlob>? Blobs { get; init; }
}

/// <summary>Project of a subtask.</summary>
public sealed record ProjectMeta(string ProjectId, string? TenantId, ResourceClass ResourceClass, int Priority);

/// <summary>A result that a verifier or auditor runs again.</summary>
public sealed record VerificationSubject
{
    /// <summary>Lease of the result.</summary>
    public required string LeaseId { get; init; }

    /// <summary>The signed report, exact bytes in base64.</summary>
    public required string Report { get; init; }

    /// <summary>The output.</summary>
    public string? Output { get; init; }

    /// <summary>The patch.</summary>
    public string? PatchDigest { get; init; }

    /// <summary>That lease, exact signed bytes in base64: what the result was made for, by its home's word. The verdict repeats its ids and digests.</summary>
    public string? Lease { get; init; }

    /// <summary>Tests that ran in the baseline: fewer are <c>tests_missing</c>.</summary>
    public int? BaselineTests { get; init; }
}

/// <summary>Key of a blob of a sealed lease (AES-256-GCM).</summary>
public sealed record SealedBlob(string Digest, string SealedDigest, long Size, string Key, string Nonce);

/// <summary>An HPKE envelope (coordinator-and-mesh 6).</summary>
public sealed record SealedEnvelope
{
    /// <summary>Version, 1.</summary>
    public int V { get; set; } = 1;

    /// <summary><c>0020.0001.0002</c>.</summary>
    public required string Suite { get; init; }

    /// <summary>First 16 hex digits of SHA-256 of the recipient's key.</summary>
    public required string KeyId { get; init; }

    /// <summary>Subtask.</summary>
    public required string SubtaskId { get; init; }

    /// <summary>Lease.</summary>
    public required string LeaseId { get; init; }

    /// <summary>Recipient.</summary>
    public required string AgentId { get; init; }

    /// <summary>What others may see.</summary>
    public required EnvelopeMetadata Metadata { get; init; }

    /// <summary>The encapsulated key, base64.</summary>
    public required string EphemeralPublicKey { get; init; }

    /// <summary>Ciphertext and tag, base64.</summary>
    public required string EncryptedPayload { get; init; }
}

/// <summary>The open part of an envelope; bound by its AAD.</summary>
public sealed record EnvelopeMetadata(SubtaskKind Kind, string Language, int Priority, ResourceClass ResourceClass, int TimeoutMs);

/// <summary>Body of <c>POST /leases/{leaseId}/release</c>.</summary>
public sealed record ReleaseRequest(string? Reason);
