using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Rechecks;

/// <summary>Fees of verifiers and auditors (coordinator-and-mesh 4.4, 5.4): held at the grant, paid by the operator once and only when the verdict stands.</summary>
internal static class RecheckCharges
{
    /// <summary>The coordinator's own account.</summary>
    public static string Payer(string peerId) => "ops:" + peerId;

    /// <summary>Holds the most a lease can cost. False when the operator's account cannot cover it.</summary>
    public static bool Hold(IStoreBatch batch, string leaseId, string taskId, string payerAccountId, long overdraftMc, string rewardAccountId, long capMc, long nowMs)
    {
        batch.TryInsert(new AccountRow { AccountId = payerAccountId, Kind = "system", Overdraft = overdraftMc, CreatedAtMs = nowMs });
        TransferBook.Open(batch, rewardAccountId, "agent", nowMs);
        var pending = Transfer(leaseId, TransferPhases.Pending, TransferId.Of("recheck", leaseId), null, payerAccountId, rewardAccountId, capMc, taskId, nowMs);
        if (!TransferBook.Hold(batch, pending))
        {
            return false;
        }

        batch.Insert(new RecheckChargeRow { LeaseId = leaseId, TaskId = taskId, TransferId = pending.TransferId, PayerAccountId = payerAccountId, RewardAccountId = rewardAccountId, CapMc = capMc });
        return true;
    }

    /// <summary>There is a verdict: what it is worth should it stand.</summary>
    public static void Earn(IStoreBatch batch, string leaseId, long earnedMc) =>
        batch.Execute("UPDATE recheck_charges SET earned_mc = $1 WHERE lease_id = $2 AND ended = $3", earnedMc, leaseId, false);

    /// <summary>Ends it: what was earned is paid, at most the cap, or nothing. One that has ended is left alone.</summary>
    public static void Settle(IStoreBatch batch, string leaseId, bool pay, long nowMs)
    {
        if (batch.Query(
            "SELECT task_id, transfer_id, payer_account_id, reward_account_id, cap_mc, earned_mc FROM recheck_charges WHERE lease_id = $1 AND ended = $2",
            row => (Task: row.Text(0), Pending: row.Text(1), Payer: row.Text(2), Reward: row.Text(3), Cap: row.Number(4), Earned: row.Number(5)), leaseId, false) is not [var charge])
        {
            return;
        }

        var paid = pay ? Math.Min(charge.Earned, charge.Cap) : 0;
        if (batch.Execute("UPDATE recheck_charges SET ended = $1, posted_mc = $2 WHERE lease_id = $3 AND ended = $4", true, paid, leaseId, false) == 0)
        {
            return;
        }

        if (paid > 0)
        {
            var post = Transfer(leaseId, TransferPhases.Post, TransferId.Of("recheck_post", leaseId), charge.Pending, charge.Payer, charge.Reward, paid, charge.Task, nowMs);
            TransferBook.Post(batch, post, charge.Cap, earned: true);
            TransferLog.Append(batch, "coordinator", post);
        }
        else
        {
            TransferBook.Void(batch, Transfer(leaseId, TransferPhases.Void, TransferId.Of("recheck_void", leaseId), charge.Pending, charge.Payer, charge.Reward, charge.Cap, charge.Task, nowMs));
        }
    }

    private static TransferRow Transfer(string leaseId, string phase, string id, string? pendingId, string payer, string reward, long amount, string taskId, long nowMs) => new()
    {
        TransferId = id,
        ChainId = leaseId,
        Phase = phase,
        DebitAccountId = payer,
        CreditAccountId = reward,
        Amount = amount,
        PendingId = pendingId,
        Code = TransferCodes.TaskPayment,
        Reason = phase == TransferPhases.Post ? "compute_contribution" : "recheck",
        RelatedTaskId = taskId,
        CreatedAtMs = nowMs,
    };
}
