using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Offline;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>The exact bytes of a transaction and the two signatures over them.</summary>
internal readonly record struct OfflineProof(byte[] Body, string RequesterSignature, string ProviderSignature);

/// <summary>Carves the amount of a transaction out of its allowance and moves it through <c>mint:offline</c>, whose balance stays 0 (economy-and-ledger 17.3).</summary>
internal static class OfflineChain
{
    /// <summary>Applies a transaction whose parties are known to have signed it; the reason why not, or null when it is applied, now or before.</summary>
    public static string? Apply(IStoreBatch batch, string peerId, OfflineTransaction transaction, OfflineProof proof, long latestMs, long nowMs)
    {
        if (batch.Query("SELECT body FROM offline_transactions WHERE tx_id = $1", row => row.Bytes(0), transaction.TxId) is [var before])
        {
            return before.AsSpan().SequenceEqual(proof.Body) ? null : "transfer_id_conflict";
        }

        if (batch.Query(
            "SELECT requester_id, account_id, per_provider_mc, valid_from_ms, valid_until_ms, hold_id, held_mc FROM offline_allowances WHERE allowance_id = $1",
            row => new Allowance(row.Text(0), row.Text(1), row.Number(2), row.Number(3), row.Number(4), row.TextOrNull(5), row.Number(6)), transaction.AllowanceId) is not [var allowance]
            || allowance.RequesterId != transaction.RequesterId)
        {
            return "allowance_missing";
        }

        if (Reason(batch, transaction, allowance, latestMs, nowMs) is { } reason)
        {
            return reason;
        }

        TransferBook.Open(batch, transaction.ProviderAccountId, "agent", nowMs);
        var rest = allowance.HeldMc - transaction.CreditsMc;
        var next = rest > 0 ? TransferId.Of("offline_hold", transaction.TxId) : null;
        List<TransferRow> chain =
        [
            Transfer(TransferId.Of("offline_void", allowance.HoldId!), TransferPhases.Void, allowance.AccountId, SystemAccounts.Offline, allowance.HeldMc, allowance.HoldId),
            Transfer(TransferId.Of("offline_in", transaction.TxId), TransferPhases.Posted, allowance.AccountId, SystemAccounts.Offline, transaction.CreditsMc),
            Transfer(TransferId.Of("offline", transaction.TxId), TransferPhases.Posted, SystemAccounts.Offline, transaction.ProviderAccountId, transaction.CreditsMc),
        ];
        if (next is not null)
        {
            chain.Insert(1, Transfer(next, TransferPhases.Pending, allowance.AccountId, SystemAccounts.Offline, rest, expires: allowance.UntilMs + OfflineAllowances.GraceMs));
        }

        TransferChain.Run(batch, peerId, [.. chain]);
        batch.Execute("UPDATE offline_allowances SET hold_id = $2, held_mc = $3 WHERE allowance_id = $1", transaction.AllowanceId, next, rest);
        batch.Insert(new OfflineTransactionRow
        {
            TxId = transaction.TxId,
            AllowanceId = transaction.AllowanceId,
            ProviderId = transaction.ProviderId,
            CreditsMc = transaction.CreditsMc,
            Body = proof.Body,
            RequesterSig = proof.RequesterSignature,
            ProviderSig = proof.ProviderSignature,
            AppliedAtMs = nowMs,
        });
        return null;

        TransferRow Transfer(string id, string phase, string debit, string credit, long amount, string? pending = null, long? expires = null) => new()
        {
            TransferId = id,
            ChainId = transaction.TxId,
            Phase = phase,
            DebitAccountId = debit,
            CreditAccountId = credit,
            Amount = amount,
            PendingId = pending,
            ExpiresAtMs = expires,
            Code = TransferCodes.Offline,
            Reason = "ble_compute",
            CreatedAtMs = nowMs,
        };
    }

    private static string? Reason(IStoreBatch batch, OfflineTransaction transaction, Allowance allowance, long latestMs, long nowMs)
    {
        if (allowance.AccountId != transaction.RequesterAccountId)
        {
            return "account_mismatch";
        }

        if (transaction.TimestampMs > latestMs)
        {
            return "future_dated";
        }

        if (transaction.TimestampMs < allowance.FromMs || transaction.TimestampMs > allowance.UntilMs || nowMs >= allowance.UntilMs + OfflineAllowances.GraceMs)
        {
            return "allowance_expired";
        }

        var spent = batch.Query(
            "SELECT COALESCE(SUM(credits_mc), 0) FROM offline_transactions WHERE allowance_id = $1 AND provider_id = $2", row => row.Number(0), transaction.AllowanceId, transaction.ProviderId)[0];
        return allowance.HoldId is null || transaction.CreditsMc > allowance.HeldMc || spent + transaction.CreditsMc > allowance.PerProviderMc ? "allowance_exhausted" : null;
    }

    private sealed record Allowance(string RequesterId, string AccountId, long PerProviderMc, long FromMs, long UntilMs, string? HoldId, long HeldMc);
}
