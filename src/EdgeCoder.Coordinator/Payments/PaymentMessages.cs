using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>Body of <c>POST /economy/payments/intents</c>.</summary>
/// <param name="AccountId">Who gets the credits.</param>
/// <param name="WalletType">lightning when absent.</param>
/// <param name="AmountSats">1 to 100,000,000.</param>
internal sealed record IntentRequest(string? AccountId, string? WalletType, long? AmountSats);

/// <summary>Body of a webhook. All of it is a hint to ask the provider; nothing in it is proof.</summary>
/// <param name="InvoiceRef">The invoice, at least 8 characters.</param>
/// <param name="Settled">What the sender believes.</param>
/// <param name="TxRef">Ignored.</param>
internal sealed record WebhookRequest(string? InvoiceRef, bool? Settled, string? TxRef);

/// <summary>A purchase as it is shown (economy-and-ledger 6.1).</summary>
internal sealed record IntentView(
    string IntentId,
    string AccountId,
    string CoordinatorId,
    string WalletType,
    string Network,
    string? InvoiceRef,
    string? PaymentHash,
    long AmountSats,
    long CoordinatorFeeBps,
    long CoordinatorFeeSats,
    long NetSats,
    decimal QuotedCredits,
    string Status,
    long CreatedAtMs,
    long ExpiresAtMs,
    long? SettledAtMs,
    string? TxRef,
    long? ReceivedMsat);

/// <summary>What was credited, signed by the coordinator.</summary>
/// <param name="IntentId">The purchase.</param>
/// <param name="AccountId">Who got it.</param>
/// <param name="CreditsMinted">Credits, three decimals.</param>
/// <param name="CoordinatorSignature">Over <paramref name="Signed"/> in context <c>edgecoder/payment-receipt/v1</c>.</param>
/// <param name="TimestampMs">When.</param>
/// <param name="Signed">The exact bytes that are signed, base64.</param>
internal sealed record ReceiptView(string IntentId, string AccountId, decimal CreditsMinted, string CoordinatorSignature, long TimestampMs, string Signed);

/// <summary>A fee as it is shown.</summary>
internal sealed record FeeEventView(string EventId, string CoordinatorId, string IntentId, string FeeWalletAccountId, long FeeSats, long CreatedAtMs);

/// <summary>Answer of the routes that change a purchase or could.</summary>
internal sealed record IntentAnswer(bool Ok, IntentView? Intent = null, FeeEventView? FeeEvent = null, bool? Ignored = null, bool? AlreadySettled = null);

/// <summary>Answer of <c>GET /economy/payments/intents/{id}</c>.</summary>
internal sealed record IntentDetail(IntentView Intent, ReceiptView? Receipt);

/// <summary>Answer of <c>POST /economy/payments/reconcile</c>.</summary>
internal sealed record ReconcileAnswer(bool Ok, int Scanned, int SettledCount, int ExpiredCount);

/// <summary>Content of a receipt of a purchase as it is signed (economy-and-ledger 6.1).</summary>
internal sealed record ReceiptDocument(int V, string IntentId, string AccountId, long CreditsMintedMc, long TimestampMs);

/// <summary>Messages of purchases.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(IntentRequest))]
[JsonSerializable(typeof(WebhookRequest))]
[JsonSerializable(typeof(IntentAnswer))]
[JsonSerializable(typeof(IntentDetail))]
[JsonSerializable(typeof(ReconcileAnswer))]
[JsonSerializable(typeof(ReceiptDocument))]
internal sealed partial class PaymentJson : JsonSerializerContext;

/// <summary>Body of a request that says nothing but that it is meant: <c>{}</c>.</summary>
internal sealed record NoMembers;

/// <summary>Bodies without members; any member is refused.</summary>
[JsonSourceGenerationOptions(UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(NoMembers))]
internal sealed partial class NoMembersJson : JsonSerializerContext;
