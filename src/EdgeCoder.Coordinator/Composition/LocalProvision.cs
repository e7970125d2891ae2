using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Composition;

/// <summary>
/// What a coordinator on loopback gives the person whose machine it is, once: an account with credits of the development faucet. The faucet is an
/// explicit mint: its balance is what it gave, with the sign turned.
/// </summary>
internal static class LocalProvision
{
    /// <summary>Credits that the account begins with, in millicredits: enough to hold thousands of tasks at once, each at its whole budget.</summary>
    public const long FirstCreditsMc = 1_000_000_000;

    private const string Faucet = "mint:faucet";

    /// <summary>Opens the account. Doing it again changes nothing.</summary>
    public static void Open(IStoreBatch batch, string accountId, long nowMs)
    {
        TransferBook.Open(batch, Faucet, "mint", nowMs);
        TransferBook.Open(batch, accountId, "user", nowMs);
        TransferBook.Move(batch, new TransferRow
        {
            TransferId = TransferId.Of(TransferCodes.Faucet, accountId),
            Phase = TransferPhases.Posted,
            DebitAccountId = Faucet,
            CreditAccountId = accountId,
            Amount = FirstCreditsMc,
            Code = TransferCodes.Faucet,
            Reason = "faucet",
            CreatedAtMs = nowMs,
        });
    }
}
