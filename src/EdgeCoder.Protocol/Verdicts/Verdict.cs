using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Protocol.Verdicts;

/// <summary>Outcome of running a result again.</summary>
[JsonConverter(typeof(SnakeCaseEnum<VerdictKind>))]
public enum VerdictKind
{
    /// <summary>The frozen check passed on the requester's side.</summary>
    Accepted,

    /// <summary>It did not, or the result breaks a rule.</summary>
    Rejected,

    /// <summary>It could not be told.</summary>
    Inconclusive,
}

/// <summary>Reason codes of a <see cref="Verdict"/> (coordinator-and-mesh 5.2).</summary>
public static class VerdictReasons
{
    /// <summary>Accepted.</summary>
    public const string Ok = "ok";

    /// <summary>Rejected: the agent itself said so. No fault.</summary>
    public const string AgentReportedFailure = "agent_reported_failure";

    /// <summary>Rejected: the check ran and failed.</summary>
    public const string CheckFailed = "check_failed";

    /// <summary>Rejected.</summary>
    public const string PatchDoesNotApply = "patch_does_not_apply";

    /// <summary>Rejected: fewer tests ran than the baseline or the minimum.</summary>
    public const string TestsMissing = "tests_missing";

    /// <summary>Rejected, with a strike.</summary>
    public const string ProtectedFileChanged = "protected_file_changed";

    /// <summary>Rejected, with a strike: a path leaves the tree.</summary>
    public const string PathEscape = "path_escape";

    /// <summary>Rejected, with a strike: bytes do not hash to what was signed.</summary>
    public const string DigestMismatch = "digest_mismatch";

    /// <summary>Rejected: not the form of a result.</summary>
    public const string MalformedResult = "malformed_result";

    /// <summary>Inconclusive: two runs disagree.</summary>
    public const string FlakyCheck = "flaky_check";

    /// <summary>Inconclusive.</summary>
    public const string VerifierUnavailable = "verifier_unavailable";

    /// <summary>Inconclusive.</summary>
    public const string VerifierTimeout = "verifier_timeout";

    /// <summary>Inconclusive: text, or nothing to check it with.</summary>
    public const string NotRerunnable = "not_rerunnable";
}

/// <summary>The signed outcome of a re-run (coordinator-and-mesh 5.4), context <c>edgecoder/verdict/v1</c>; a leaf of the log.</summary>
public sealed record Verdict
{
    /// <summary>Version, 1.</summary>
    public int V { get; set; } = 1;

    /// <summary>UUID.</summary>
    public required string VerdictId { get; init; }

    /// <summary>verify or audit.</summary>
    public required LeasePurpose Purpose { get; init; }

    /// <summary>Lease of the result.</summary>
    public required string LeaseId { get; init; }

    /// <summary>Subtask.</summary>
    public required string SubtaskId { get; init; }

    /// <summary>Attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Outcome.</summary>
    [JsonPropertyName("verdict")]
    public required VerdictKind Kind { get; init; }

    /// <summary>One of <see cref="VerdictReasons"/>.</summary>
    public required string ReasonCode { get; init; }

    /// <summary>Check.</summary>
    public string? CheckDigest { get; init; }

    /// <summary>Snapshot.</summary>
    public string? SnapshotDigest { get; init; }

    /// <summary>Input.</summary>
    public required string InputHash { get; init; }

    /// <summary>Patch digest, else SHA-256 of the output.</summary>
    public string? OutputHash { get; init; }

    /// <summary>What the agent signed.</summary>
    public required string ResultDigest { get; init; }

    /// <summary>The coordinator's peer id, or an agent.</summary>
    public required string VerifierId { get; init; }

    /// <summary>Sandbox of the re-run.</summary>
    public string? SandboxDigest { get; init; }

    /// <summary>Tests that ran, by the verifier's own count.</summary>
    public int TestsRun { get; init; }

    /// <summary>Tests that passed.</summary>
    public int TestsPassed { get; init; }

    /// <summary>Output of the re-run: a blob.</summary>
    public string? LogsDigest { get; init; }

    /// <summary>Audit window of the lease.</summary>
    public required string AuditWindowId { get; init; }

    /// <summary>CV of the lease.</summary>
    public required int Cv { get; init; }

    /// <summary>Begin.</summary>
    public required long StartedAtMs { get; init; }

    /// <summary>End.</summary>
    public required long EndedAtMs { get; init; }

    /// <summary>Signature of the verifier.</summary>
    public string? Signature { get; init; }
}
