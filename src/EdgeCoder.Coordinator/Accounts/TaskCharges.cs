using System.Runtime.InteropServices;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// The life of a task's charge (economy-and-ledger 3.2): held at submit, carved for each lease, posted or returned once per lease, the rest voided at
/// the end. Every step runs in the transaction of the state change that causes it.
/// </summary>
internal static class TaskCharges
{
    /// <summary>Counter-account of holds; it never receives anything.</summary>
    public const string Holding = "system:reservations";

    private const string Charge = "SELECT account_id, hold_id, held_mc, generation, ended FROM task_charges WHERE task_id = $1";

    /// <summary>
    /// Holds the estimate of a new task. Throws <see cref="Refusal"/> 402 <c>insufficient_credits</c> or 404 <c>account_not_found</c>.
    /// Amounts in millicredits.
    /// </summary>
    public static void Reserve(IStoreBatch batch, string taskId, string accountId, long estimateMc, long nowMs)
    {
        var hold = Hold(taskId, 0, accountId, estimateMc, nowMs);
        if (!TransferBook.Hold(batch, hold, openAs: "system"))
        {
            var available = batch.Query("SELECT credits_posted + overdraft - debits_posted - debits_pending FROM accounts WHERE account_id = $1", row => row.Number(0), accountId);
            throw available is [var have]
                ? new Refusal(402, "insufficient_credits", $"The task needs {estimateMc / 1000m:0.000} credits held and the account has {have / 1000m:0.000}. Lower maxCredits or timeoutMs, wait until other tasks end, or contribute work.")
                : new Refusal(404, "account_not_found", "The account does not exist here. Name one of your accounts.");
        }

        batch.Insert(new TaskChargeRow { TaskId = taskId, AccountId = accountId, HoldId = hold.TransferId, HeldMc = estimateMc, Generation = 1 });
    }

    /// <summary>Carves a lease's cap out of the reservation, for the account that would be paid. False when it does not fit: <c>task_budget_exhausted</c>.</summary>
    public static bool Carve(IStoreBatch batch, string taskId, string leaseId, long capMc, string requesterAccountId, string rewardAccountId, long nowMs)
    {
        if (Read(batch, taskId) is not { Ended: false } charge || charge.HeldMc < capMc || charge.AccountId != requesterAccountId)
        {
            return false;
        }

        var pending = new TransferRow
        {
            TransferId = TransferId.Of("lease", leaseId),
            ChainId = leaseId,
            Phase = TransferPhases.Pending,
            DebitAccountId = requesterAccountId,
            CreditAccountId = rewardAccountId,
            Amount = capMc,
            Code = TransferCodes.TaskPayment,
            Reason = "task_submit",
            RelatedTaskId = taskId,
            CreatedAtMs = nowMs,
        };
        // The amount stays held, in other parts: the requester's account does not change.
        var next = Change(batch, taskId, charge, charge.HeldMc - capMc, leaseId, pending, nowMs);
        batch.Insert(new LeaseChargeRow { LeaseId = leaseId, TaskId = taskId, TransferId = pending.TransferId, CapMc = capMc, RewardAccountId = rewardAccountId });
        batch.Execute(
            "UPDATE task_charges SET hold_id = $1, held_mc = $2, carved_mc = carved_mc + $3, generation = generation + 1 WHERE task_id = $4", next, charge.HeldMc - capMc, capMc, taskId);
        return true;
    }

    /// <summary>Pays a lease, at most its cap, and gives the rest back to the reservation. A lease that has ended is left alone: paid once.</summary>
    public static void Post(IStoreBatch batch, string leaseId, long earnedMc, long nowMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(earnedMc);
        if (earnedMc == 0)
        {
            Return(batch, leaseId, nowMs);
            return;
        }

        if (End(batch, leaseId, Math.Min(earnedMc, long.MaxValue)) is not { } lease)
        {
            return;
        }

        var posted = Math.Min(earnedMc, lease.CapMc);
        TransferBook.Post(batch, Resolution(lease, TransferPhases.Post, posted, nowMs), lease.CapMc, earned: true);
        GiveBack(batch, lease, posted, nowMs);
    }

    /// <summary>Pays nothing for a lease; its cap goes back to the reservation.</summary>
    public static void Return(IStoreBatch batch, string leaseId, long nowMs)
    {
        if (End(batch, leaseId, 0) is { } lease)
        {
            TransferBook.Void(batch, Resolution(lease, TransferPhases.Void, lease.CapMc, nowMs));
            GiveBack(batch, lease, 0, nowMs);
        }
    }

    /// <summary>The task is final: what is held is voided, and so is what open leases give back later.</summary>
    public static void VoidRest(IStoreBatch batch, string taskId, long nowMs)
    {
        if (Read(batch, taskId) is { Ended: false } charge)
        {
            Rehold(batch, taskId, charge, 0, "end", nowMs);
            batch.Execute("UPDATE task_charges SET ended = $1, voided_mc = voided_mc + $2 WHERE task_id = $3", true, charge.HeldMc, taskId);
        }
    }

    /// <summary>What a task holds, has paid and got back, in millicredits.</summary>
    public static (long Reserved, long Posted, long Voided) Of(IStoreBatch batch, string taskId) =>
        batch.Query("SELECT held_mc + carved_mc, posted_mc, voided_mc FROM task_charges WHERE task_id = $1", row => (row.Number(0), row.Number(1), row.Number(2)), taskId) is [var sums] ? sums : default;

    private static ChargeState? Read(IStoreBatch batch, string taskId) =>
        batch.Query(Charge, row => new ChargeState(row.Text(0), row.IsNull(1) ? null : row.Text(1), row.Number(2), row.Number(3), row.Number(4) != 0), taskId) is [var charge] ? charge : null;

    private static void Rehold(IStoreBatch batch, string taskId, ChargeState charge, long heldMc, string chain, long nowMs)
    {
        var next = Change(batch, taskId, charge, heldMc, chain, null, nowMs);
        batch.Execute("UPDATE task_charges SET hold_id = $1, held_mc = $2, generation = generation + 1 WHERE task_id = $3", next, heldMc, taskId);
    }

    // Holds are immutable: a changed amount is a void of the old and a new pending one, in one chain. Gives the id of the new one.
    private static string? Change(IStoreBatch batch, string taskId, ChargeState charge, long heldMc, string chain, TransferRow? carved, long nowMs)
    {
        var transfers = new List<TransferRow>(3);
        if (charge.HoldId is { } old)
        {
            transfers.Add(new()
            {
                TransferId = TransferId.Of("task_reserve_void", old),
                ChainId = chain,
                Phase = TransferPhases.Void,
                DebitAccountId = charge.AccountId,
                CreditAccountId = Holding,
                Amount = charge.HeldMc,
                PendingId = old,
                Code = TransferCodes.TaskReserve,
                Reason = "task_submit",
                RelatedTaskId = taskId,
                CreatedAtMs = nowMs,
            });
        }

        var hold = heldMc > 0 ? Hold(taskId, charge.Generation, charge.AccountId, heldMc, nowMs) : null;
        if (hold is not null)
        {
            transfers.Add(hold);
        }

        if (carved is not null)
        {
            transfers.Add(carved);
        }

        if (transfers.Count > 0)
        {
            TransferBook.Chain(batch, "agent", CollectionsMarshal.AsSpan(transfers));
        }

        return hold?.TransferId;
    }

    private static LeaseCharge? End(IStoreBatch batch, string leaseId, long earnedMc)
    {
        if (batch.Query(
            "SELECT l.task_id, l.transfer_id, l.cap_mc, l.reward_account_id, c.account_id FROM lease_charges l JOIN task_charges c ON c.task_id = l.task_id WHERE l.lease_id = $1",
            row => new LeaseCharge(leaseId, row.Text(0), row.Text(1), row.Number(2), row.Text(3), row.Text(4)), leaseId) is not [var lease])
        {
            return null;
        }

        return batch.Execute("UPDATE lease_charges SET ended = $1, posted_mc = $2 WHERE lease_id = $3 AND ended = $4", true, Math.Min(earnedMc, lease.CapMc), leaseId, false) == 1 ? lease : null;
    }

    private static void GiveBack(IStoreBatch batch, LeaseCharge lease, long postedMc, long nowMs)
    {
        var rest = lease.CapMc - postedMc;
        batch.Execute("UPDATE task_charges SET carved_mc = carved_mc - $1, posted_mc = posted_mc + $2 WHERE task_id = $3", lease.CapMc, postedMc, lease.TaskId);
        var charge = Read(batch, lease.TaskId)!.Value;
        if (charge.Ended)
        {
            batch.Execute("UPDATE task_charges SET voided_mc = voided_mc + $1 WHERE task_id = $2", rest, lease.TaskId);
        }
        else if (rest > 0)
        {
            Rehold(batch, lease.TaskId, charge, charge.HeldMc + rest, lease.LeaseId, nowMs);
        }
    }

    private static TransferRow Hold(string taskId, long generation, string accountId, long amount, long nowMs) => new()
    {
        TransferId = TransferId.Of("task_reserve", $"{taskId}\n{generation}"),
        Phase = TransferPhases.Pending,
        DebitAccountId = accountId,
        CreditAccountId = Holding,
        Amount = amount,
        Code = TransferCodes.TaskReserve,
        Reason = "task_submit",
        RelatedTaskId = taskId,
        CreatedAtMs = nowMs,
    };

    private static TransferRow Resolution(LeaseCharge lease, string phase, long amount, long nowMs) => new()
    {
        TransferId = TransferId.Of("lease_" + phase, lease.LeaseId),
        ChainId = lease.LeaseId,
        Phase = phase,
        DebitAccountId = lease.RequesterAccountId,
        CreditAccountId = lease.RewardAccountId,
        Amount = amount,
        PendingId = lease.TransferId,
        Code = TransferCodes.TaskPayment,
        Reason = phase == TransferPhases.Post ? "compute_contribution" : "task_submit",
        RelatedTaskId = lease.TaskId,
        CreatedAtMs = nowMs,
    };

    private readonly record struct ChargeState(string AccountId, string? HoldId, long HeldMc, long Generation, bool Ended);

    private sealed record LeaseCharge(string LeaseId, string TaskId, string TransferId, long CapMc, string RewardAccountId, string RequesterAccountId);
}
