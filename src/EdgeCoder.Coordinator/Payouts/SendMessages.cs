using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Body of <c>POST /wallets/:accountId/sends</c>.</summary>
/// <param name="Destination">A BOLT 11 invoice with its amount.</param>
/// <param name="AmountSats">That amount.</param>
/// <param name="MaxFeeSats">A lower fee cap than the coordinator's; absent: the coordinator's.</param>
internal sealed record SendRequest(string? Destination, long? AmountSats, long? MaxFeeSats);

/// <summary>Body of <c>POST /wallets/:accountId/sends/:id/confirm</c>: what the second factor was shown and bound to.</summary>
/// <param name="Destination">As requested.</param>
/// <param name="AmountSats">As requested.</param>
/// <param name="MaxFeeSats">The request's fee cap.</param>
/// <param name="ChallengeId">The portal's id of the confirmation; it confirms one send.</param>
internal sealed record SendConfirmation(string? Destination, long? AmountSats, long? MaxFeeSats, string? ChallengeId);

/// <summary>Body of <c>POST /economy/sends/:id/review</c>.</summary>
/// <param name="Decision">approve or reject.</param>
/// <param name="Reason">10 to 200 characters.</param>
internal sealed record SendReview(string? Decision, string? Reason);

/// <summary>Body of <c>POST /economy/sends/:id/close</c>.</summary>
/// <param name="Outcome">sent or failed.</param>
/// <param name="FeeMsat">With sent: what the node took beyond the amount.</param>
/// <param name="Reason">10 to 200 characters.</param>
internal sealed record SendClosure(string? Outcome, long? FeeMsat, string? Reason);

/// <summary>A send as it is shown.</summary>
internal sealed record SendView(
    string RequestId,
    string AccountId,
    string Destination,
    string PaymentHash,
    long AmountSats,
    long MaxFeeSats,
    string Status,
    string? Reason,
    long? FeeMsat,
    string? ReviewedBy,
    string? ClosedBy,
    string? WaitsFor,
    long CreatedAtMs,
    long InvoiceEndsAtMs,
    long? SendingAtMs,
    long? EndedAtMs);

/// <summary>Answer of the routes that change a send or could.</summary>
internal sealed record SendAnswer(bool Ok, SendView Request);

/// <summary>What a contributor is owed, in msat.</summary>
internal sealed record PayableView(long BalanceMsat, long HeldMsat, long AvailableMsat);

/// <summary>Answer of <c>GET /wallets/:accountId/sends</c>.</summary>
internal sealed record SendList(string AccountId, PayableView Payable, IReadOnlyList<SendView> Requests);

/// <summary>Answer of <c>GET /economy/sends</c>.</summary>
internal sealed record SendQueue(IReadOnlyList<SendView> Requests);

/// <summary>Messages of sends.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(SendRequest))]
[JsonSerializable(typeof(SendConfirmation))]
[JsonSerializable(typeof(SendReview))]
[JsonSerializable(typeof(SendClosure))]
[JsonSerializable(typeof(SendAnswer))]
[JsonSerializable(typeof(SendList))]
[JsonSerializable(typeof(SendQueue))]
internal sealed partial class SendJson : JsonSerializerContext;
