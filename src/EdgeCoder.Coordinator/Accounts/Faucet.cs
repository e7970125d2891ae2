using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// Credits for development (economy-and-ledger 2): an explicit mint, whose balance is what it gave with the sign turned. An account gets them once, when it
/// is opened.
/// </summary>
internal static class Faucet
{
    /// <summary>Gives an account its first credits. Doing it again with the same amount changes nothing.</summary>
    public static void Give(IStoreBatch batch, string accountId, long amountMc, string operatorId, long nowMs) =>
        TransferChain.Run(batch, operatorId, new TransferRow
        {
            TransferId = TransferId.Of(TransferCodes.Faucet, accountId),
            Phase = TransferPhases.Posted,
            DebitAccountId = SystemAccounts.FaucetMint,
            CreditAccountId = accountId,
            Amount = amountMc,
            Code = TransferCodes.Faucet,
            Reason = "faucet",
            OperatorId = operatorId,
            CreatedAtMs = nowMs,
        });
}
