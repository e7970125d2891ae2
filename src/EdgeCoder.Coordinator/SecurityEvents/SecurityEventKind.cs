using System.Text.Json.Serialization;
using EdgeCoder.Protocol;

namespace EdgeCoder.Coordinator.SecurityEvents;

/// <summary>What happened (economy-and-ledger 18): those that this program can see by itself, or about somebody who has signed. On the wire in <c>lower_snake_case</c>.</summary>
[JsonConverter(typeof(SnakeCaseEnum<SecurityEventKind>))]
internal enum SecurityEventKind
{
    /// <summary>INFO: another key was bound to an agent, or the coordinator has changed its own.</summary>
    KeyRotation,

    /// <summary>WARN: the coordinator's key is due and could not be changed.</summary>
    KeyRotationOverdue,

    /// <summary>CRITICAL: the coordinator's key has signed for longer than it should.</summary>
    KeyExpired,

    /// <summary>WARN: a rule of behaviour applied.</summary>
    BehavioralAnomalyDetected,

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
        SecurityEventKind.KeyRotation => SecurityLevel.Info,
        SecurityEventKind.BehavioralAnomalyDetected or SecurityEventKind.KeyRotationOverdue => SecurityLevel.Warn,
        SecurityEventKind.AgentTrustViolation => SecurityLevel.High,
        _ => SecurityLevel.Critical,
    };
}
