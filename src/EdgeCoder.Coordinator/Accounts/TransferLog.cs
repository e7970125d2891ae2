using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// Every posted movement is a leaf of the log, by a row of the outbox in its own transaction (economy-and-ledger 2, rule 7; 10). The pay of an attempt is told by
/// its <c>earnings_accrual</c>, which names the transfer; everything else by <c>credit_transfer</c>.
/// </summary>
internal static class TransferLog
{
    /// <summary>Adds it.</summary>
    /// <param name="batch">Transaction of the movement.</param>
    /// <param name="actorId">Operator or peer that caused it.</param>
    /// <param name="transfer">A transfer that posted.</param>
    public static void Append(IStoreBatch batch, string actorId, TransferRow transfer) => LogOutbox.Append(
        batch,
        "credit_transfer",
        "account:" + Subject(transfer),
        null,
        actorId,
        EventData.Of(
            ("amount", transfer.Amount),
            ("code", transfer.Code),
            ("creditAccountId", transfer.CreditAccountId),
            ("debitAccountId", transfer.DebitAccountId),
            ("reason", transfer.Reason),
            ("transferId", transfer.TransferId),
            ("unit", transfer.Unit)),
        transfer.CreatedAtMs);

    // Whose movement it is to a reader: the one that is not the system's, else who got it.
    private static string Subject(TransferRow transfer) =>
        SystemAccounts.Of(transfer.CreditAccountId) is not null && SystemAccounts.Of(transfer.DebitAccountId) is null ? transfer.DebitAccountId : transfer.CreditAccountId;
}
