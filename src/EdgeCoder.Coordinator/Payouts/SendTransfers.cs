using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>The movements of a send: amount and fee cap are held, amount and real fee are moved, the rest is free again (economy-and-ledger 6.4). Ids follow from the request.</summary>
internal static class SendTransfers
{
    private const long MsatPerSat = 1_000;

    /// <summary>What a send holds, in msat.</summary>
    public static long HeldMsat(WalletSendRow row) => checked((row.AmountSats + row.FeeCapSats) * MsatPerSat);

    /// <summary>What a send costs with a fee: never more than it holds. More would be the node's breach of its limit and is the operator's, not the account's.</summary>
    public static long CostMsat(WalletSendRow row, long feeMsat) => Math.Min(HeldMsat(row), checked((row.AmountSats * MsatPerSat) + Math.Min(feeMsat, row.FeeCapSats * MsatPerSat)));

    /// <summary>Id of the pending transfer.</summary>
    public static string HoldId(string requestId) => TransferId.Of("wallet_send", requestId);

    /// <summary>Holds; without an end, for what a node has may leave late. Throws 402 <c>insufficient_credits</c>.</summary>
    public static void Hold(IStoreBatch batch, string peerId, WalletSendRow row, long nowMs) =>
        TransferChain.Run(batch, peerId, Transfer(row, HoldId(row.RequestId), TransferPhases.Pending, HeldMsat(row), null, nowMs));

    /// <summary>Moves what it cost.</summary>
    public static void Post(IStoreBatch batch, string peerId, WalletSendRow row, long costMsat, long nowMs) =>
        TransferChain.Run(batch, peerId, Transfer(row, TransferId.Of("wallet_send_post", row.RequestId), TransferPhases.Post, costMsat, row.HoldId, nowMs));

    /// <summary>Gives it all back.</summary>
    public static void Void(IStoreBatch batch, string peerId, WalletSendRow row, long nowMs) =>
        TransferChain.Run(batch, peerId, Transfer(row, TransferId.Of("wallet_send_void", row.RequestId), TransferPhases.Void, HeldMsat(row), row.HoldId, nowMs));

    private static TransferRow Transfer(WalletSendRow row, string id, string phase, long amountMsat, string? pendingId, long nowMs) => new()
    {
        TransferId = id,
        ChainId = row.RequestId,
        Phase = phase,
        DebitAccountId = SystemAccounts.Payable(row.AccountId),
        CreditAccountId = SystemAccounts.SatsExternal,
        Unit = "msat",
        Amount = amountMsat,
        PendingId = pendingId,
        Code = TransferCodes.WalletSend,
        Reason = "wallet_send:" + row.RequestId,
        CreatedAtMs = nowMs,
    };
}
