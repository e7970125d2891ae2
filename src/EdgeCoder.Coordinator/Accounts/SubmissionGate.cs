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

    /// <summary>Throws <see cref="Refusal"/> 403 <c>contribute_first_required</c>.</summary>
    public void Pass(IStoreBatch batch, string accountId)
    {
        if (batch.Query(
            "SELECT credits_posted + overdraft - debits_posted - debits_pending, debits_posted + debits_pending, earned FROM accounts WHERE account_id = $1",
            row => (Available: row.Number(0), Spent: row.Number(1), Earned: row.Number(2)), accountId) is not [var account]
            || account.Available >= BurstMc
            || account.Spent == 0
            || (Int128)account.Earned * 10_000 >= (Int128)account.Spent * RatioBps)
        {
            return;
        }

        throw new Refusal(
            403,
            "contribute_first_required",
            $"The account has spent {account.Spent / 1000m:0.000} credits and earned {account.Earned / 1000m:0.000}. Let a node of this account work (edgecoder worker join), or buy credits.");
    }
}
