using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Rows of sends, read in the transaction that decides about them.</summary>
internal static class SendRows
{
    private const string Columns =
        "SELECT request_id, account_id, node, destination, payment_hash, amount_sats, fee_cap_sats, invoice_ends_at_ms, status, reason, charged_msat, fee_msat, hold_id, confirmed_by, challenge_id, reviewed_by, review_reason, created_at_ms, sending_at_ms, asked_at_ms, ended_at_ms, closed_by, close_reason FROM wallet_send_requests ";

    /// <summary>A send; throws 404 <c>wallet_send_not_found</c>.</summary>
    public static WalletSendRow Find(IStoreBatch batch, string requestId) =>
        batch.Query(Columns + "WHERE request_id = $1", Read, requestId) is [var row] ? row : throw NotFound();

    /// <summary>A send of an account; throws 404 <c>wallet_send_not_found</c>.</summary>
    public static WalletSendRow Find(IStoreBatch batch, string accountId, string requestId) =>
        batch.Query(Columns + "WHERE request_id = $1 AND account_id = $2", Read, requestId, accountId) is [var row] ? row : throw NotFound();

    /// <summary>Those of an account, newest first.</summary>
    public static List<WalletSendRow> Of(IStoreBatch batch, string accountId, int most) =>
        batch.Query(Columns + "WHERE account_id = $1 ORDER BY created_at_ms DESC, request_id LIMIT $2", Read, accountId, (long)most);

    /// <summary>Those in a state, those asked about longest ago first.</summary>
    public static List<WalletSendRow> In(IStoreBatch batch, WalletSendStatus status, int most) =>
        batch.Query(Columns + "WHERE status = $1 ORDER BY asked_at_ms, created_at_ms, request_id LIMIT $2", Read, EnumText.Of(status), (long)most);

    /// <summary>Those not given to a node whose invoice is over.</summary>
    public static List<WalletSendRow> Over(IStoreBatch batch, long nowMs, int most) => batch.Query(
        Columns + "WHERE status IN ('requested', 'pending_manual_review', 'approved') AND invoice_ends_at_ms <= $1 ORDER BY request_id LIMIT $2", Read, nowMs, (long)most);

    /// <summary>Whether an invoice is in a send that is open or was ever given to a node.</summary>
    public static bool IsUsed(IStoreBatch batch, string paymentHash) =>
        batch.Query("SELECT 1 FROM wallet_send_requests WHERE payment_hash = $1 AND (status <> 'failed' OR sending_at_ms IS NOT NULL)", row => row.Number(0), paymentHash).Count > 0;

    private static Refusal NotFound() => new(404, "wallet_send_not_found", "There is no such send here, or it is not one of this account.");

    private static WalletSendRow Read(StoreRow row) => new()
    {
        RequestId = row.Text(0),
        AccountId = row.Text(1),
        Node = row.Text(2),
        Destination = row.Text(3),
        PaymentHash = row.Text(4),
        AmountSats = row.Number(5),
        FeeCapSats = row.Number(6),
        InvoiceEndsAtMs = row.Number(7),
        Status = row.Enum<WalletSendStatus>(8),
        Reason = row.TextOrNull(9),
        ChargedMsat = row.Number(10),
        FeeMsat = row.NumberOrNull(11),
        HoldId = row.TextOrNull(12),
        ConfirmedBy = row.TextOrNull(13),
        ChallengeId = row.TextOrNull(14),
        ReviewedBy = row.TextOrNull(15),
        ReviewReason = row.TextOrNull(16),
        CreatedAtMs = row.Number(17),
        SendingAtMs = row.NumberOrNull(18),
        AskedAtMs = row.Number(19),
        EndedAtMs = row.NumberOrNull(20),
        ClosedBy = row.TextOrNull(21),
        CloseReason = row.TextOrNull(22),
    };
}
