using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Treasury;

/// <summary>Body of <c>POST /economy/treasury/policies</c>.</summary>
internal sealed record PolicyRequest(
    string? PolicyId,
    string? EventId,
    string? TreasuryAccountId,
    string? MultisigDescriptor,
    long? QuorumThreshold,
    long? TotalCustodians,
    IReadOnlyList<string?>? CustodianIds,
    IReadOnlyList<string?>? ApprovedCoordinatorIds,
    long? KeyRotationDays,
    string? RequestedBy,
    string? Signature,
    long? CreatedAtMs);

/// <summary>Body of <c>POST …/policies/:id/activate</c>, and of <c>POST …/policies/:id/events</c> with what it is about.</summary>
/// <param name="EventId">Chosen by who signs.</param>
/// <param name="Action">rotate_key or approve_release; of an event only.</param>
/// <param name="Details">What it is about; of an event only.</param>
/// <param name="RequestedBy">Who signs.</param>
/// <param name="Signature">In context <c>edgecoder/custody-event/v1</c>, base64.</param>
/// <param name="CreatedAtMs">When, within the skew.</param>
internal sealed record CustodyRequest(string? EventId, string? Action, string? Details, string? RequestedBy, string? Signature, long? CreatedAtMs);

/// <summary>An act of custody as it is signed; without its signature while that is made or checked.</summary>
internal sealed record CustodyEvent(int V, string EventId, string PolicyId, string ActorId, string Action, string Details, long CreatedAtMs, string? Signature = null);

/// <summary>A policy as it is shown.</summary>
internal sealed record PolicyView(
    string PolicyId,
    string TreasuryAccountId,
    string MultisigDescriptor,
    long QuorumThreshold,
    long TotalCustodians,
    IReadOnlyList<string> CustodianIds,
    IReadOnlyList<string> ApprovedCoordinatorIds,
    long KeyRotationDays,
    string Status,
    bool? RotationOverdue,
    long CreatedAtMs,
    long UpdatedAtMs);

/// <summary>An act of custody as it is shown; <paramref name="Signed"/> is its exact bytes, base64.</summary>
internal sealed record CustodyEventView(string EventId, string PolicyId, string ActorId, string Action, string Details, string Signature, long CreatedAtMs, string Signed);

/// <summary>Answer of the routes that change a policy.</summary>
internal sealed record PolicyAnswer(bool Ok, PolicyView Policy, CustodyEventView Event);

/// <summary>Answer of <c>GET /economy/treasury</c>.</summary>
internal sealed record TreasuryAnswer([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] PolicyView? Policy, IReadOnlyList<CustodyEventView> Events);

/// <summary>Messages of the treasury.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(PolicyRequest))]
[JsonSerializable(typeof(CustodyRequest))]
[JsonSerializable(typeof(CustodyEvent))]
[JsonSerializable(typeof(PolicyAnswer))]
[JsonSerializable(typeof(TreasuryAnswer))]
internal sealed partial class TreasuryJson : JsonSerializerContext;
