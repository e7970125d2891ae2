using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>How purchases are shown.</summary>
internal static class PaymentViews
{
    /// <summary>A purchase.</summary>
    public static IntentView Of(PaymentIntentRow row) => new(
        row.IntentId,
        row.AccountId,
        row.CoordinatorId,
        row.WalletType,
        row.Network,
        row.InvoiceRef,
        row.PaymentHash,
        row.AmountSats,
        row.FeeBps,
        row.FeeSats,
        row.NetSats,
        new Millicredits(row.QuotedMc).Credits,
        EnumText.Of(row.Status),
        row.CreatedAtMs,
        row.ExpiresAtMs,
        row.SettledAtMs,
        row.TxRef,
        row.ReceivedMsat);

    /// <summary>Its receipt; null until it is settled.</summary>
    public static ReceiptView? Receipt(PaymentIntentRow row) => row is { Receipt: { } bytes, ReceiptSignature: { } signature, SettledAtMs: { } at }
        ? new(row.IntentId, row.AccountId, new Millicredits(row.QuotedMc).Credits, signature, at, Convert.ToBase64String(bytes))
        : null;

    /// <summary>Its fee.</summary>
    public static FeeEventView? Of(FeeEventRow? row) => row is null ? null : new(row.EventId, row.CoordinatorId, row.IntentId, row.FeeWalletAccountId, row.FeeSats, row.CreatedAtMs);
}
