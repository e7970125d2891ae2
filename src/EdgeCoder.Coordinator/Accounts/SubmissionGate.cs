using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Who spends must contribute (economy-and-ledger 3.3). Run in the transaction of the submission, before the reservation.</summary>
/// <param name="BurstMc">Available credits, in millicredits, that need no contribution.</param>
/// <param name="RatioBps">Earned per spent, in basis points, below which a submission is refused.</param>
internal sealed record SubmissionGate(long BurstMc, long RatioBps)
{
    /// <summary><c>CONTRIBUTION_BURST_CREDITS</c> 25, <c>MIN_CONTRIBUTION_RATIO</c> 1.0.</summary>
    public static SubmissionGate Default { get; } = new(25_000, 10_000);

    // What tasks cost or hold; the account's own counters know of everything that left it.
    private const string ForTasks =
        """
        SELECT COALESCE(SUM(t.amount), 0) FROM transfers t WHERE t.debit_account_id = $1 AND t.phase <> 'void' AND t.code IN ('task_reserve', 'task_payment')
          AND (t.phase = 'post' OR (t.phase = 'pending' AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.pending_id = t.transfer_id)))
        """;

    /// <summary>Throws <see cref="Refusal"/> 403 <c>contribute_first_required</c>.</summary>
    public void Pass(IStoreBatch batch, string accountId, long nowMs)
    {
        if (Passes(batch, accountId, null) is null)
        {
            return;
        }

        // On the way to a refusal only: what lapsed is free again, and what left for something else than tasks was not spent on them.
        LapsedHolds.Release(batch, nowMs, accountId);
        var spent = batch.Query(ForTasks, row => row.Number(0), accountId)[0];
        if (Passes(batch, accountId, spent) is { } earned)
        {
            throw new Refusal(
                403,
                "contribute_first_required",
                FormattableString.Invariant($"The account has spent {spent / 1000m:0.000} credits and earned {earned / 1000m:0.000}. Let a node of this account work (edgecoder worker join), or buy credits."));
        }
    }

    // Null when it passes, else what the account has earned.
    private long? Passes(IStoreBatch batch, string accountId, long? spent) => batch.Query(
        "SELECT credits_posted + overdraft - debits_posted - debits_pending, debits_posted + debits_pending, earned FROM accounts WHERE account_id = $1",
        row => (Available: row.Number(0), Spent: spent ?? row.Number(1), Earned: row.Number(2)), accountId) is not [var account]
        || account.Available >= BurstMc
        || account.Spent == 0
        || (Int128)account.Earned * 10_000 >= (Int128)account.Spent * RatioBps
            ? null
            : account.Earned;
}
