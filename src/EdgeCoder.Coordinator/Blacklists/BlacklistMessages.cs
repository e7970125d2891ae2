using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>Body of <c>POST /security/blacklist</c>.</summary>
internal sealed record BlacklistRequest(
    string? AgentId, string? ReasonCode, string? Reason, string? ReportedBy, string? ReporterId, string? ReporterPublicKeyPem, string? ReporterSignature, long? TimestampMs, string? EvidenceHashSha256,
    string? EvidenceRef, long? ExpiresInMs);

/// <summary>Body of an operator's decision.</summary>
internal sealed record BlacklistDecisionRequest(string? Reason);

/// <summary>Body of an appeal.</summary>
internal sealed record BlacklistAppealRequest(string? Statement, string? EvidenceRef, long? TimestampMs, string? Signature);

/// <summary>A report that waits for an operator.</summary>
internal sealed record BlacklistReportView(string ReportId, string AgentId, string ReasonCode, string Reason, string ReporterId, string EvidenceHashSha256, string? EvidenceRef, long TimestampMs);

/// <summary>An appeal; the statement is shown to operators only.</summary>
internal sealed record BlacklistAppealView(string AppealId, string EventId, string AgentId, string State, long TimestampMs, string? Decision, string? Statement);

/// <summary>What waits for an operator.</summary>
internal sealed record BlacklistReviews(IReadOnlyList<BlacklistReportView> Reports, IReadOnlyList<BlacklistAppealView> Appeals, IReadOnlyList<QuarantineToReview> Quarantines);

/// <summary>A quarantine that no operator has looked at: release, keep or ban.</summary>
internal sealed record QuarantineToReview(string AgentId, string? RuleId, long UntilMs);

/// <summary>Messages of the blacklist.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(BlacklistRequest))]
[JsonSerializable(typeof(BlacklistDecisionRequest))]
[JsonSerializable(typeof(BlacklistAppealRequest))]
[JsonSerializable(typeof(BlacklistReportView))]
[JsonSerializable(typeof(BlacklistAppealView))]
[JsonSerializable(typeof(BlacklistReviews))]
internal sealed partial class BlacklistJson : JsonSerializerContext;
