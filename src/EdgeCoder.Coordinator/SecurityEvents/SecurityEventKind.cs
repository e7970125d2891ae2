using System.Text.Json.Serialization;
using EdgeCoder.Protocol;

namespace EdgeCoder.Coordinator.SecurityEvents;

/// <summary>What happened (economy-and-ledger 18): those that this program can see by itself, or about somebody who has signed. On the wire in <c>lower_snake_case</c>.</summary>
[JsonConverter(typeof(SnakeCaseEnum<SecurityEventKind>))]
internal enum SecurityEventKind
{
    /// <summary>INFO: another key was bound to an agent.</summary>
    KeyRotation,

    /// <summary>INFO: this coordinator's own run refused an agent's code before running it: outside of the subset.</summary>
    AstValidationRejection,

    /// <summary>WARN: requests came without a token, key or signature that their route wants; counted, and nobody is named.</summary>
    FailedAuth,

    /// <summary>WARN: an agent's code ran into its time limit in this coordinator's own run.</summary>
    SandboxTimeout,

    /// <summary>WARN: a rule of behaviour applied.</summary>
    BehavioralAnomalyDetected,

    /// <summary>HIGH: an address or an agent asked more often than it may; counted, and nobody is named.</summary>
    AuthRateLimitHit,

    /// <summary>HIGH: signed requests came a second time; counted, and nobody is named, for anybody may send what was sent before.</summary>
    ReplayAttempt,

    /// <summary>HIGH: requests were signed wrongly; counted, and nobody is named.</summary>
    InvalidSignature,

    /// <summary>HIGH: an agent's code made a system call that ends a program, in this coordinator's own run.</summary>
    SandboxSeccompViolation,

    /// <summary>HIGH: programs that are no verified release asked to register where that is required; counted.</summary>
    BinaryIntegrityFailure,

    /// <summary>CRITICAL: a peer's manifest of a model is not signed by that peer.</summary>
    ManifestSignatureFailure,

    /// <summary>CRITICAL: the own log does not fit itself; the coordinator does not start.</summary>
    LedgerChainBreak,

    /// <summary>HIGH: a verdict found an agent to have bent what it was given.</summary>
    AgentTrustViolation,

    /// <summary>CRITICAL: accounts and their transfers differ; money stands still.</summary>
    BalanceMismatch,

    /// <summary>CRITICAL: the log of a peer has two histories.</summary>
    LogEquivocation,

    /// <summary>CRITICAL: an older store was restored, and its log was fetched back.</summary>
    LedgerRollbackDetected,

    /// <summary>CRITICAL: a coordinator has signed two events for one place of its blacklist.</summary>
    BlacklistChainTamper,

    /// <summary>CRITICAL: a ban that no person decided.</summary>
    AutoBlacklistTriggered,
}

/// <summary>How much it matters.</summary>
[JsonConverter(typeof(SnakeCaseEnum<SecurityLevel>))]
internal enum SecurityLevel
{
    /// <summary>For the record.</summary>
    Info,

    /// <summary>Worth a look.</summary>
    Warn,

    /// <summary>A leaf of the log too.</summary>
    High,

    /// <summary>A leaf of the log too; an operator is needed.</summary>
    Critical,
}

/// <summary>Levels of events.</summary>
internal static class SecurityLevels
{
    /// <summary>The level of a kind.</summary>
    public static SecurityLevel Of(SecurityEventKind kind) => kind switch
    {
        SecurityEventKind.KeyRotation or SecurityEventKind.AstValidationRejection => SecurityLevel.Info,
        SecurityEventKind.BehavioralAnomalyDetected or SecurityEventKind.FailedAuth or SecurityEventKind.SandboxTimeout => SecurityLevel.Warn,
        SecurityEventKind.AgentTrustViolation or SecurityEventKind.AuthRateLimitHit or SecurityEventKind.ReplayAttempt or SecurityEventKind.InvalidSignature
            or SecurityEventKind.SandboxSeccompViolation or SecurityEventKind.BinaryIntegrityFailure => SecurityLevel.High,
        _ => SecurityLevel.Critical,
    };
}
