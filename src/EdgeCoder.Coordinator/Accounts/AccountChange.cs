using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>What a chain leaves of one account: changes of its counters, in millicredits or msat.</summary>
internal readonly record struct AccountChange(string Unit, long DebitsPending, long DebitsPosted, long CreditsPending, long CreditsPosted, long Earned)
{
    // Rule 4 after the whole chain. What does not lower the available amount is never refused for it. The last condition keeps counters far from their range.
    private const string Update =
        """
        UPDATE accounts SET debits_pending = debits_pending + $1, debits_posted = debits_posted + $2, credits_pending = credits_pending + $3, credits_posted = credits_posted + $4, earned = earned + $5
        WHERE account_id = $6 AND unit = $7 AND stopped = $8
          AND (may_owe = $9 OR CAST($1 AS bigint) + $2 <= $4 OR debits_posted + debits_pending + $1 + $2 <= credits_posted + $4 + overdraft)
          AND (never_gains = $8 OR credits_posted + $4 <= debits_posted + $2)
          AND debits_posted < 4611686018427387904 AND credits_posted < 4611686018427387904 AND debits_pending < 4611686018427387904 AND credits_pending < 4611686018427387904
        """;

    /// <summary>What a transfer does to the account that gives.</summary>
    public static AccountChange OfDebit(TransferRow transfer, long held) => transfer.Phase switch
    {
        TransferPhases.Pending => new(transfer.Unit, transfer.Amount, 0, 0, 0, 0),
        TransferPhases.Posted => new(transfer.Unit, 0, transfer.Amount, 0, 0, 0),
        TransferPhases.Post => new(transfer.Unit, -held, transfer.Amount, 0, 0, 0),
        TransferPhases.Void => new(transfer.Unit, -held, 0, 0, 0, 0),
        _ => throw new ArgumentException("A transfer is posted, pending, post or void.", nameof(transfer)),
    };

    /// <summary>What it does to the account that gets.</summary>
    public static AccountChange OfCredit(TransferRow transfer, long held)
    {
        var debit = OfDebit(transfer, held);
        return new(transfer.Unit, 0, 0, debit.DebitsPending, debit.DebitsPosted, TransferCodes.IsEarned(transfer.Code) ? debit.DebitsPosted : 0);
    }

    /// <summary>Both.</summary>
    public AccountChange And(AccountChange other) => Unit != other.Unit
        ? throw Mismatch()
        : new(
            Unit,
            checked(DebitsPending + other.DebitsPending),
            checked(DebitsPosted + other.DebitsPosted),
            checked(CreditsPending + other.CreditsPending),
            checked(CreditsPosted + other.CreditsPosted),
            checked(Earned + other.Earned));

    /// <summary>Changes the account, or throws <see cref="Refusal"/> with the reason why not.</summary>
    public void Apply(IStoreBatch batch, string accountId, long nowMs)
    {
        // What lapsed is void already, only not written: it is asked for when it makes a difference, and not on the common way.
        if (TryApply(batch, accountId)
            || (TransferBook.OpenSystem(batch, accountId, nowMs) && TryApply(batch, accountId))
            || (LapsedHolds.Release(batch, nowMs, accountId) > 0 && TryApply(batch, accountId)))
        {
            return;
        }

        throw Why(batch, accountId, Unit, DebitsPending + DebitsPosted);
    }

    /// <summary>Why an account did not take a change.</summary>
    /// <param name="batch">Transaction.</param>
    /// <param name="accountId">Account.</param>
    /// <param name="unit">Unit of the transfer.</param>
    /// <param name="wanted">What would have been given or held.</param>
    public static Refusal Why(IStoreBatch batch, string accountId, string unit, long wanted)
    {
        if (batch.Query(
            "SELECT unit, stopped, credits_posted + overdraft - debits_posted - debits_pending, debits_posted, credits_posted FROM accounts WHERE account_id = $1",
            row => (Unit: row.Text(0), Stopped: row.Flag(1), Available: row.Number(2), Most: Math.Max(row.Number(3), row.Number(4))), accountId) is not [var account])
        {
            return new(404, "account_not_found", "The account does not exist here. Name one of your accounts.");
        }

        return account switch
        {
            { Stopped: true } => new(503, "balance_mismatch", "A check found that the books do not agree; nothing is moved until an operator has looked. See edgecoder doctor."),
            _ when account.Unit != unit => Mismatch(),
            { Most: >= 1L << 62 } => new(400, "amount_out_of_range", "The sums of this account have reached the largest number that can be kept."),
            _ => new(402, "insufficient_credits", $"{Text(wanted, unit)} {(unit == "credit" ? "credits" : "msat")} are needed and the account has {Text(account.Available, unit)}."),
        };
    }

    private static string Text(long amount, string unit) => unit == "credit" ? FormattableString.Invariant($"{amount / 1000m:0.000}") : FormattableString.Invariant($"{amount}");

    private static Refusal Mismatch() => new(400, "unit_mismatch", "Both accounts of a transfer have its unit: credits or msat.");

    private bool TryApply(IStoreBatch batch, string accountId) => batch.Execute(
        Update, DebitsPending, DebitsPosted, CreditsPending, CreditsPosted, Earned, accountId, Unit, false, true) == 1;
}
