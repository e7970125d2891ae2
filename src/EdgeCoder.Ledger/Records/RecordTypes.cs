using System.Collections.Frozen;
using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.Ledger.Records;

/// <summary>The kinds of records and the members that their payloads may have (economy-and-ledger 10).</summary>
public static class RecordTypes
{
    /// <summary>A sub-task was queued.</summary>
    public const string TaskEnqueue = "task_enqueue";

    /// <summary>An agent leased one.</summary>
    public const string TaskClaim = "task_claim";

    /// <summary>A task was completed.</summary>
    public const string TaskComplete = "task_complete";

    /// <summary>A sub-task was queued again.</summary>
    public const string TaskRequeue = "task_requeue";

    /// <summary>A signed verdict.</summary>
    public const string Verdict = "verdict";

    /// <summary>What an attempt was and what it cost (economy-and-ledger 11).</summary>
    public const string Receipt = "receipt";

    /// <summary>Whether a node may have its key bound.</summary>
    public const string NodeValidation = "node_validation";

    /// <summary>Whether a node may work.</summary>
    public const string NodeApproval = "node_approval";

    /// <summary>What a lease earned.</summary>
    public const string EarningsAccrual = "earnings_accrual";

    /// <summary>A movement between accounts.</summary>
    public const string CreditTransfer = "credit_transfer";

    /// <summary>Commitment to the seed of an audit window, and later the seed.</summary>
    public const string AuditSeed = "audit_seed";

    /// <summary>Head of the operators' audit log.</summary>
    public const string AuditHead = "audit_head";

    /// <summary>A key of a coordinator, its first or another.</summary>
    public const string KeyRotation = "key_rotation";

    /// <summary>A coordinator's word for a model.</summary>
    public const string ModelManifest = "model_manifest";

    /// <summary>A security event of level HIGH or CRITICAL.</summary>
    public const string SecurityEvent = "security_event";

    private static readonly FrozenSet<string> Verdicts = Set(
        "v", "verdictId", "purpose", "leaseId", "subtaskId", "attempt", "verdict", "reasonCode", "checkDigest", "snapshotDigest", "inputHash", "outputHash", "resultDigest", "verifierId",
        "sandboxDigest", "testsRun", "testsPassed", "logsDigest", "auditWindowId", "cv", "startedAtMs", "endedAtMs", "signature");

    // Null: the payload is a signed document of its own and brings its own members.
    private static readonly FrozenDictionary<string, FrozenSet<string>?> Members = new Dictionary<string, FrozenSet<string>?>(StringComparer.Ordinal)
    {
        [TaskEnqueue] = Set(),
        [TaskClaim] = Set(),
        [TaskComplete] = Set(),
        [TaskRequeue] = Set("reason"),
        [Verdict] = Verdicts,
        [Receipt] = Set(
            "acceptanceHash", "agentId", "agentKeyId", "inputHash", "modelHash", "outputHash", "policyHash", "priceMc", "resultHash", "sandboxHash", "transferId", "verdict", "verifierId"),
        [NodeValidation] = Set("allowed", "nodeKind", "reason"),
        [NodeApproval] = Set("activationReason", "approved", "operatorId"),
        [EarningsAccrual] = Set(
            "accountId", "creditsMc", "leaseMs", "loadBps", "modelBps", "payerAccountId", "qualityBps", "resourceClass", "sameOwner", "sourceAgentId", "transferId", "verdict", "weightMicro"),
        [CreditTransfer] = Set("amount", "code", "creditAccountId", "debitAccountId", "reason", "transferId", "unit"),
        [AuditSeed] = Set("seed", "seedHash"),
        [AuditHead] = Set("hash", "seq"),
        ["quorum_record"] = null,
        ["price_epoch"] = null,
        ["treasury_event"] = null,
        ["blacklist_event"] = null,
        [KeyRotation] = null,
        [ModelManifest] = null,
        [AnchorSet.EventType] = null,
        [SecurityEvent] = null,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether there is such a kind; with <paramref name="members"/> null its payload is a document with members of its own.</summary>
    internal static bool TryFind(string eventType, out FrozenSet<string>? members) => Members.TryGetValue(eventType, out members);

    private static FrozenSet<string> Set(params string[] names) => names.ToFrozenSet(StringComparer.Ordinal);
}
