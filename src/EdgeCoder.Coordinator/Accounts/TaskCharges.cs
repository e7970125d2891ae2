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

    /// <summary>How long a hold stands unless it is renewed, in milliseconds: 7 days. Longer than any task waits; lapsing is the backstop of a coordinator that died.</summary>
    public const long HoldMs = 7 * 24 * 3_600_000L;

    private const string Charge = "SELECT account_id, hold_id, held_mc, generation, ended, hold_until_ms FROM task_charges WHERE task_id = $1";

    // Work between accounts of one person has no weight in issuance (economy-and-ledger 8.1).
    private const string Lease =
        """
        SELECT l.task_id, l.transfer_id, l.cap_mc, l.reward_account_id, c.account_id,
          CASE WHEN c.account_id = l.reward_account_id
            OR EXISTS (SELECT 1 FROM account_memberships p JOIN account_memberships r ON r.user_id = p.user_id WHERE p.account_id = c.account_id AND r.account_id = l.reward_account_id)
            THEN 1 ELSE 0 END
        FROM lease_charges l JOIN task_charges c ON c.task_id = l.task_id WHERE l.lease_id = $1
        """;

    /// <summary>
    /// Holds the estimate of a new task. Throws <see cref="Refusal"/> 402 <c>insufficient_credits</c> or 404 <c>account_not_found</c>.
    /// Amounts in millicredits.
    /// </summary>
    public static void Reserve(IStoreBatch batch, string taskId, string accountId, long estimateMc, long nowMs)
    {
        var hold = Hold(taskId, 0, accountId, estimateMc, nowMs + HoldMs, nowMs);
        if (!TransferBook.Hold(batch, hold, openAs: "system"))
        {
            var why = AccountChange.Why(batch, accountId, "credit", estimateMc);
            throw why.Status == 402 ? new Refusal(402, why.Error, why.Message + " That is for the whole task, held until it ends. Lower maxCredits or timeoutMs, wait until other tasks end, or contribute work.") : why;
        }

        batch.Insert(new TaskChargeRow { TaskId = taskId, AccountId = accountId, HoldId = hold.TransferId, HeldMc = estimateMc, Generation = 1, HoldUntilMs = hold.ExpiresAtMs!.Value });
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

    /// <summary>
    /// Pays a lease, at most its cap, and gives the rest back to the reservation; what was paid, or null when nothing was. A lease that has ended is left alone:
    /// paid once.
    /// </summary>
    public static PaidLease? Post(IStoreBatch batch, string leaseId, long earnedMc, long nowMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(earnedMc);
        if (earnedMc == 0)
        {
            Return(batch, leaseId, nowMs);
            return null;
        }

        if (End(batch, leaseId, earnedMc) is not { } lease)
        {
            return null;
        }

        var posted = Math.Min(earnedMc, lease.CapMc);
        var transfer = Resolution(lease, TransferPhases.Post, posted, nowMs);
        TransferBook.Post(batch, transfer, lease.CapMc, earned: true);
        GiveBack(batch, lease, posted, nowMs);
        return new(transfer.TransferId, posted, lease.RequesterAccountId, lease.RewardAccountId, lease.SameOwner);
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

    /// <summary>Holds the same amount for longer: a void and a pending one, linked. Nothing when the task has ended or holds nothing.</summary>
    public static void Renew(IStoreBatch batch, string taskId, long nowMs)
    {
        if (Read(batch, taskId) is { Ended: false, HoldId: not null } charge)
        {
            Rehold(batch, taskId, charge with { UntilMs = nowMs + HoldMs }, charge.HeldMc, $"renew-{charge.Generation}", nowMs);
            batch.Execute("UPDATE task_charges SET hold_until_ms = $1 WHERE task_id = $2", nowMs + HoldMs, taskId);
        }
    }

    /// <summary>The hold lapsed: a void gives it back. Leases that are open go on, and what they give back is held again; there are no new ones.</summary>
    public static void Lapse(IStoreBatch batch, string taskId, long nowMs)
    {
        if (Read(batch, taskId) is { Ended: false, HoldId: { } hold } charge && charge.UntilMs <= nowMs)
        {
            TransferBook.Void(batch, Released(taskId, charge, hold, "lapse", nowMs));
            batch.Execute("UPDATE task_charges SET hold_id = NULL, voided_mc = voided_mc + held_mc, held_mc = 0 WHERE task_id = $1", taskId);
        }
    }

    /// <summary>What a task holds, has paid and got back, in millicredits.</summary>
    public static (long Reserved, long Posted, long Voided) Of(IStoreBatch batch, string taskId) =>
        batch.Query("SELECT held_mc + carved_mc, posted_mc, voided_mc FROM task_charges WHERE task_id = $1", row => (row.Number(0), row.Number(1), row.Number(2)), taskId) is [var sums] ? sums : default;

    private static ChargeState? Read(IStoreBatch batch, string taskId) =>
        batch.Query(Charge, row => new ChargeState(row.Text(0), row.IsNull(1) ? null : row.Text(1), row.Number(2), row.Number(3), row.Number(4) != 0, row.Number(5)), taskId) is [var charge] ? charge : null;

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
            transfers.Add(Released(taskId, charge, old, chain, nowMs));
        }

        var hold = heldMc > 0 ? Hold(taskId, charge.Generation, charge.AccountId, heldMc, Math.Max(charge.UntilMs, nowMs + 1), nowMs) : null;
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
        if (batch.Query(Lease, row => new LeaseCharge(leaseId, row.Text(0), row.Text(1), row.Number(2), row.Text(3), row.Text(4), row.Flag(5)), leaseId) is not [var lease])
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

    private static TransferRow Released(string taskId, ChargeState charge, string hold, string chain, long nowMs) => new()
    {
        TransferId = TransferId.Of("task_reserve_void", hold),
        ChainId = chain,
        Phase = TransferPhases.Void,
        DebitAccountId = charge.AccountId,
        CreditAccountId = Holding,
        Amount = charge.HeldMc,
        PendingId = hold,
        Code = TransferCodes.TaskReserve,
        Reason = "task_submit",
        RelatedTaskId = taskId,
        CreatedAtMs = nowMs,
    };

    private static TransferRow Hold(string taskId, long generation, string accountId, long amount, long untilMs, long nowMs) => new()
    {
        TransferId = TransferId.Of("task_reserve", $"{taskId}\n{generation}"),
        Phase = TransferPhases.Pending,
        DebitAccountId = accountId,
        CreditAccountId = Holding,
        Amount = amount,
        ExpiresAtMs = untilMs,
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

    private readonly record struct ChargeState(string AccountId, string? HoldId, long HeldMc, long Generation, bool Ended, long UntilMs);

    private sealed record LeaseCharge(string LeaseId, string TaskId, string TransferId, long CapMc, string RewardAccountId, string RequesterAccountId, bool SameOwner);
}
