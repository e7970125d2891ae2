using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>What is there under the id of a transfer (economy-and-ledger 2, rule 1): content is everything but the moment and who did it.</summary>
internal static class StoredTransfer
{
    private const string Find =
        "SELECT phase, debit_account_id, credit_account_id, unit, amount, pending_id, code, reason, related_task_id FROM transfers WHERE transfer_id = $1";

    /// <summary>Whether it is there with the same content; null when it is not there.</summary>
    public static bool? IsSame(IStoreBatch batch, TransferRow transfer) =>
        batch.Query(
            Find,
            row => (row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Number(4), row.TextOrNull(5), row.Text(6), row.Text(7), row.TextOrNull(8))
                == (transfer.Phase, transfer.DebitAccountId, transfer.CreditAccountId, transfer.Unit, transfer.Amount, transfer.PendingId, transfer.Code, transfer.Reason, transfer.RelatedTaskId),
            transfer.TransferId) is [var same] ? same : null;

    /// <summary>Whether all are.</summary>
    public static bool AllThere(IStoreBatch batch, ReadOnlySpan<TransferRow> transfers)
    {
        foreach (var transfer in transfers)
        {
            if (IsSame(batch, transfer) is not true)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Why a row could not be written: 409 <c>transfer_id_conflict</c>, or 409 <c>transfer_resolved</c> when another transfer ended the pending one.</summary>
    public static Refusal Conflict(IStoreBatch batch, ReadOnlySpan<TransferRow> transfers)
    {
        foreach (var transfer in transfers)
        {
            if (transfer.PendingId is not null
                && batch.Query("SELECT transfer_id FROM transfers WHERE pending_id = $1", row => row.Text(0), transfer.PendingId) is [var other] && other != transfer.TransferId)
            {
                return new(409, "transfer_resolved", "The held amount was moved or given back already.");
            }
        }

        return new(409, "transfer_id_conflict", "A transfer with this id exists with other content. Use a new id.");
    }
}
