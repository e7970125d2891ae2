using EdgeCoder.Coordinator.Treasury;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>How sends are shown.</summary>
internal static class SendViews
{
    /// <summary>A send, with what it waits for.</summary>
    public static SendView Of(IStoreBatch batch, WalletSendRow row, long nowMs) =>
        Of(row, row.Status is WalletSendStatus.Approved or WalletSendStatus.PendingManualReview ? ReleaseRule.WaitsFor(batch, row, nowMs) : null);

    /// <summary>A send.</summary>
    /// <param name="row">Row.</param>
    /// <param name="waitsFor">Code of what the treasury's policy still asks for; null: nothing.</param>
    public static SendView Of(WalletSendRow row, string? waitsFor = null) => new(
        row.RequestId,
        row.AccountId,
        row.Destination,
        row.PaymentHash,
        row.AmountSats,
        row.FeeCapSats,
        EnumText.Of(row.Status),
        row.Reason,
        row.FeeMsat,
        row.ReviewedBy,
        row.ClosedBy,
        waitsFor,
        row.CreatedAtMs,
        row.InvoiceEndsAtMs,
        row.SendingAtMs,
        row.EndedAtMs);
}
