using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Ledger.Payments;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Whose coordinator this is, who gets its part, and how parts are made.</summary>
/// <param name="PeerId">The coordinator.</param>
/// <param name="FeeAccount"><c>COORDINATOR_FEE_ACCOUNT</c>.</param>
/// <param name="ServiceBps">Its part, in basis points.</param>
/// <param name="ReserveBps">The reserve's.</param>
/// <param name="MayAllocate">Whether contributors get their parts now; else they are kept.</param>
internal sealed record PayoutTerms(string PeerId, string FeeAccount, int ServiceBps, int ReserveBps, bool MayAllocate = true);

/// <summary>Whether what is owed to contributors may be divided: in phase 3 of the statistics ledger only while the log is final (economy-and-ledger 12).</summary>
internal delegate Task<bool> PayoutGate(CancellationToken cancellationToken);

/// <summary>
/// Divides the net of a purchase (economy-and-ledger 8.4), in the transaction that settles it: the coordinator's part, the reserve's, and the rest by the weights of the newest final epoch, or
/// kept until one is final. The parts always sum to the net; each row has its transfer from <c>sats:net</c>, whose id follows from purchase and payee.
/// </summary>
internal static class PayoutDivision
{
    // Far below what one statement takes.
    private const int MostAtOnce = 200;

    /// <summary>Divides; runs once for a purchase, because settling does.</summary>
    public static void Divide(IStoreBatch batch, PayoutTerms terms, string intentId, long netMsat, long nowMs)
    {
        var shares = PayoutShares.Of(netMsat, terms.ServiceBps, terms.ReserveBps);
        List<PayoutEventRow> rows = [];
        Add(rows, PayoutType.CoordinatorService, terms.FeeAccount, shares.ServiceMsat, intentId, null, nowMs);
        Add(rows, PayoutType.Reserve, SystemAccounts.Reserve(terms.PeerId), shares.ReserveMsat, intentId, null, nowMs);
        if (terms.MayAllocate && PayoutWeights.Newest(batch, terms.PeerId) is { } weights)
        {
            rows.AddRange(Contributors(weights, intentId, shares.ContributorsMsat, nowMs));
        }
        else if (shares.ContributorsMsat > 0)
        {
            batch.Insert(Row(PayoutType.ContributorUnallocated, SystemAccounts.SatsNet(terms.PeerId), shares.ContributorsMsat, intentId, null, null, nowMs));
        }

        Move(batch, terms.PeerId, rows, nowMs);
    }

    /// <summary>Divides what a purchase left waiting; gives how many got a part. Whoever sets the epoch does it, so any number may try.</summary>
    public static int Allocate(IStoreBatch batch, string peerId, string payoutEventId, long nowMs)
    {
        if (PayoutWeights.Newest(batch, peerId) is not { } weights
            || batch.Execute(
                "UPDATE issuance_payout_events SET issuance_epoch_id = $1 WHERE payout_event_id = $2 AND payout_type = 'contributor_unallocated' AND issuance_epoch_id IS NULL", weights.EpochId, payoutEventId) == 0)
        {
            return 0;
        }

        var (intentId, amount) = batch.Query("SELECT source_intent_id, amount_msat FROM issuance_payout_events WHERE payout_event_id = $1", row => (row.Text(0), row.Number(1)), payoutEventId)[0];
        var rows = Contributors(weights, intentId, amount, nowMs);
        Move(batch, peerId, rows, nowMs);
        return rows.Count;
    }

    private static List<PayoutEventRow> Contributors(PayoutWeights weights, string intentId, long amountMsat, long nowMs)
    {
        List<PayoutEventRow> rows = [];
        foreach (var share in Split.Of(amountMsat, weights.Weights))
        {
            Add(rows, PayoutType.Contributor, share.Id, share.Amount, intentId, weights.EpochId, nowMs);
        }

        return rows;
    }

    // A part of nothing is none.
    private static void Add(List<PayoutEventRow> rows, PayoutType type, string account, long amountMsat, string intentId, string? epochId, long nowMs)
    {
        if (amountMsat > 0)
        {
            rows.Add(Row(type, account, amountMsat, intentId, epochId, TransferId.Of("payout-" + EnumText.Of(type), intentId + "\n" + account), nowMs));
        }
    }

    private static PayoutEventRow Row(PayoutType type, string account, long amountMsat, string intentId, string? epochId, string? transferId, long nowMs) => new()
    {
        PayoutEventId = Guid.NewGuid().ToString(),
        IssuanceEpochId = epochId,
        AccountId = account,
        PayoutType = type,
        AmountMsat = amountMsat,
        SourceIntentId = intentId,
        TransferId = transferId,
        CreatedAtMs = nowMs,
    };

    private static void Move(IStoreBatch batch, string peerId, List<PayoutEventRow> rows, long nowMs)
    {
        foreach (var part in rows.Chunk(MostAtOnce))
        {
            var transfers = part.Select(row => new TransferRow
            {
                TransferId = row.TransferId!,
                ChainId = "payout:" + row.SourceIntentId,
                Phase = TransferPhases.Posted,
                DebitAccountId = SystemAccounts.SatsNet(peerId),
                CreditAccountId = row.PayoutType == PayoutType.Contributor ? SystemAccounts.Payable(row.AccountId) : row.AccountId,
                Unit = "msat",
                Amount = row.AmountMsat,
                Code = TransferCodes.Payout,
                Reason = "payout:" + row.SourceIntentId,
                CreatedAtMs = nowMs,
            });
            if (TransferChain.Run(batch, peerId, [.. transfers]) != ChainOutcome.Posted)
            {
                throw new InvalidOperationException("Parts of a purchase that was not divided are there already.");
            }

            foreach (var row in part)
            {
                batch.Insert(row);
            }
        }
    }
}
