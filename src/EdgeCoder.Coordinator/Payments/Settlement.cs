using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>Whose coordinator this is and who gets its fee.</summary>
/// <param name="PeerId">The coordinator.</param>
/// <param name="FeeAccount"><c>COORDINATOR_FEE_ACCOUNT</c>.</param>
/// <param name="Payouts">How the net is divided; null: it is not.</param>
internal sealed record SettlementTerms(string PeerId, string FeeAccount, PayoutTerms? Payouts = null);

/// <summary>A payment that the provider proved, with everything made beforehand that is random or signed: settling may run more than once.</summary>
/// <param name="ReceivedMsat">What came in.</param>
/// <param name="FeeEventId">UUID.</param>
/// <param name="Receipt">Exact bytes.</param>
/// <param name="ReceiptSignature">Their signature.</param>
/// <param name="AtMs">When.</param>
internal sealed record ProvenPayment(long ReceivedMsat, string FeeEventId, byte[] Receipt, string ReceiptSignature, long AtMs);

/// <summary>
/// Credits a purchase, in the transaction of one operation of the store (economy-and-ledger 6.1):
/// 1. the status, by compare and set: whoever does not change it does nothing further, so any number may try; 2. the chain of transfers, whose ids follow from the intent; 3. the fee
/// event; 4. the leaves of the log, which the chain writes; 5. the parts of the net, where they are paid out. All of it is there afterwards or nothing.
/// </summary>
internal static class Settlement
{
    private const string Credit = "credit";
    private const string Msat = "msat";

    /// <summary>Settles; false when it is settled already.</summary>
    public static bool Apply(IStoreBatch batch, PaymentIntentRow intent, ProvenPayment payment, SettlementTerms terms)
    {
        // 1
        if (batch.Execute(
            "UPDATE payment_intents SET status = CASE WHEN status = 'created' THEN 'settled' ELSE 'settled_late' END, settled_at_ms = $1, tx_ref = $2, received_msat = $3, receipt = $4, receipt_signature = $5 WHERE intent_id = $6 AND status IN ('created', 'expired', 'cancelled')",
            payment.AtMs, $"{intent.Provider}:{intent.PaymentHash}", payment.ReceivedMsat, payment.Receipt, payment.ReceiptSignature, intent.IntentId) == 0)
        {
            return false;
        }

        // 2, 4
        if (TransferChain.Run(batch, terms.PeerId, [.. Chain(intent, terms, payment.AtMs)]) != ChainOutcome.Posted)
        {
            throw new InvalidOperationException("Transfers of a purchase that was open are there already.");
        }

        // 3
        if (intent.FeeSats > 0)
        {
            batch.Insert(new FeeEventRow
            {
                EventId = payment.FeeEventId,
                CoordinatorId = terms.PeerId,
                IntentId = intent.IntentId,
                FeeWalletAccountId = terms.FeeAccount,
                FeeSats = intent.FeeSats,
                CreatedAtMs = payment.AtMs,
            });
        }

        // 5
        if (terms.Payouts is { } payouts)
        {
            PayoutDivision.Divide(batch, payouts, intent.IntentId, intent.NetSats * 1000, payment.AtMs);
        }

        return true;
    }

    /// <summary>The transfers of a purchase: what is minted, what is left of the payment, and the fee of it where there is one.</summary>
    internal static IReadOnlyList<TransferRow> Chain(PaymentIntentRow intent, SettlementTerms terms, long atMs)
    {
        var chain = new List<TransferRow>(3)
        {
            Transfer("purchase", TransferCodes.Purchase, SystemAccounts.Purchases, intent.AccountId, Credit, intent.QuotedMc),
            Transfer("purchase-net", TransferCodes.Purchase, SystemAccounts.SatsExternal, SystemAccounts.SatsNet(terms.PeerId), Msat, intent.NetSats * 1000),
        };
        if (intent.FeeSats > 0)
        {
            chain.Add(Transfer("purchase-fee", TransferCodes.Fee, SystemAccounts.SatsExternal, terms.FeeAccount, Msat, intent.FeeSats * 1000));
        }

        return chain;

        TransferRow Transfer(string purpose, string code, string debit, string credit, string unit, long amount) => new()
        {
            TransferId = TransferId.Of(purpose, intent.IntentId),
            ChainId = intent.IntentId,
            Phase = TransferPhases.Posted,
            DebitAccountId = debit,
            CreditAccountId = credit,
            Unit = unit,
            Amount = amount,
            Code = code,
            Reason = "credit_purchase:" + intent.IntentId,
            CreatedAtMs = atMs,
        };
    }
}
