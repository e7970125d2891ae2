namespace EdgeCoder.Ledger.Blacklists;

/// <summary>An entry of a blacklist, or the end of one (economy-and-ledger 14), as its source signs it.</summary>
public sealed record BlacklistEvent
{
    /// <summary>The version that is written and read here.</summary>
    public const int Version = 1;

    /// <summary><see cref="PrevEventHash"/> of a source's first event.</summary>
    public const string Genesis = "BLACKLIST_GENESIS";

    /// <summary><see cref="Action"/> of an entry.</summary>
    public const string Add = "add";

    /// <summary><see cref="Action"/> of the end of one.</summary>
    public const string Revoke = "revoke";

    /// <summary>Entries that no person decided end after 7 days.</summary>
    public const long AutomaticMs = 604_800_000;

    /// <summary>Most characters of a reason.</summary>
    public const int MostReason = 200;

    /// <summary>Version of the form; 1.</summary>
    public required int V { get; init; }

    /// <summary><see cref="Add"/> or <see cref="Revoke"/>.</summary>
    public required string Action { get; init; }

    /// <summary>The entry that a revocation ends; absent for an entry.</summary>
    public string? RevokesEventId { get; init; }

    /// <summary>Place in the source's chain, from 1 without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>A lower-case UUID.</summary>
    public required string EventId { get; init; }

    /// <summary>Whom it is about.</summary>
    public required string AgentId { get; init; }

    /// <summary>The agent's key at the time.</summary>
    public string? SubjectKeyId { get; init; }

    /// <summary>One of <see cref="BlacklistReasons"/>.</summary>
    public required string ReasonCode { get; init; }

    /// <summary>In words, 3 to 200 characters, without personal data.</summary>
    public required string Reason { get; init; }

    /// <summary>SHA-256 of the evidence, lower-case hex.</summary>
    public required string EvidenceHashSha256 { get; init; }

    /// <summary>Who reported it.</summary>
    public required string ReporterId { get; init; }

    /// <summary>SPKI PEM of the reporter.</summary>
    public string? ReporterPublicKeyPem { get; init; }

    /// <summary>The reporter's signature of its <see cref="BlacklistReport"/>, base64.</summary>
    public string? ReporterSignature { get; init; }

    /// <summary>What the source found. A receiver finds out for itself.</summary>
    public required bool EvidenceSignatureVerified { get; init; }

    /// <summary>Where the evidence is.</summary>
    public string? EvidenceRef { get; init; }

    /// <summary>Whose chain it is in.</summary>
    public required string SourceCoordinatorId { get; init; }

    /// <summary>Whose decision it is: <c>operator:…</c>, <c>rule:…</c>.</summary>
    public required string ReportedBy { get; init; }

    /// <summary>When it was reported, by the reporter's clock, in milliseconds since 1970.</summary>
    public required long TimestampMs { get; init; }

    /// <summary>When it ends by itself; absent: when it is revoked.</summary>
    public long? ExpiresAtMs { get; init; }

    /// <summary>Hash of the source's event before it, or <see cref="Genesis"/>.</summary>
    public required string PrevEventHash { get; init; }
}
