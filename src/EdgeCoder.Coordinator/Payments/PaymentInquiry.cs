using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Hosting.Identity;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>What became of a purchase when the provider was asked about it.</summary>
internal enum InquiryOutcome
{
    /// <summary>Credited now, by this very inquiry.</summary>
    Settled,

    /// <summary>Credited before.</summary>
    AlreadySettled,

    /// <summary>Expired now: its time is over, and the provider says that it is unpaid.</summary>
    Expired,

    /// <summary>Unpaid, held, or paid too little; nothing changed.</summary>
    NotSettled,

    /// <summary>The provider could not be asked; nothing changed.</summary>
    Unavailable,
}

/// <summary>
/// The one way to a settlement, for whoever asks: confirming, a webhook, the poller, an operator (economy-and-ledger 6.1).
/// 1. A settled purchase stays as it is. 2. The provider is asked about the payment hash, now. 3. Settled there and enough: settle here. 4. Unpaid there and its time over: expire. 5. Anything
/// else changes nothing.
/// </summary>
internal sealed partial class PaymentInquiry(
    IntentStore store, ILightningProvider provider, CoordinatorIdentity identity, PaymentSettings settings, PaymentClock time, ILogger<PaymentInquiry> log, PayoutGate? gate = null)
{
    private readonly SettlementTerms _terms = new(
        identity.PeerId, settings.FeeAccount, settings.Payouts.Enabled ? new PayoutTerms(identity.PeerId, settings.FeeAccount, settings.Payouts.ServiceBps, settings.Payouts.ReserveBps) : null);

    /// <summary>Asks about one.</summary>
    public async Task<InquiryOutcome> AskAsync(PaymentIntentRow intent, CancellationToken cancellationToken)
    {
        // 1
        if (intent.Status is PaymentStatus.Settled or PaymentStatus.SettledLate)
        {
            return InquiryOutcome.AlreadySettled;
        }

        if (intent.PaymentHash is not { } hash)
        {
            return await WithoutInvoiceAsync(intent, cancellationToken).ConfigureAwait(false);
        }

        // 2
        PaymentFinding finding = intent.Provider == provider.Name
            ? await provider.LookUpAsync(hash, cancellationToken).ConfigureAwait(false)
            : new PaymentFinding.Unclear($"its invoice was made by {intent.Provider}");
        var nowMs = time.NowMs;
        await store.NoteAskedAsync(intent.IntentId, nowMs, cancellationToken).ConfigureAwait(false);
        switch (finding)
        {
            // 3
            case PaymentFinding.Paid paid when paid.ReceivedMsat >= intent.AmountSats * 1000:
                return await SettleAsync(intent, paid.ReceivedMsat, nowMs, cancellationToken).ConfigureAwait(false);

            case PaymentFinding.Paid paid:
                LogTooLittle(log, intent.IntentId, paid.ReceivedMsat, intent.AmountSats);
                return InquiryOutcome.NotSettled;

            // 4
            case PaymentFinding.Unpaid when intent.Status == PaymentStatus.Created && nowMs > intent.ExpiresAtMs:
                return await store.EndAsync(intent.IntentId, PaymentStatus.Expired, cancellationToken).ConfigureAwait(false) ? InquiryOutcome.Expired : InquiryOutcome.NotSettled;

            // 5
            case PaymentFinding.Unpaid or PaymentFinding.Held:
                return InquiryOutcome.NotSettled;

            case PaymentFinding.Unclear unclear:
                LogUnclear(log, intent.IntentId, provider.Name, unclear.Why);
                return InquiryOutcome.Unavailable;

            default:
                throw new InvalidOperationException("The provider found something that is not known here.");
        }
    }

    // Nobody was ever shown an invoice, because the process that asked for it ended before: there is nothing to pay.
    private async Task<InquiryOutcome> WithoutInvoiceAsync(PaymentIntentRow intent, CancellationToken cancellationToken)
    {
        if (intent.Status == PaymentStatus.Created && time.NowMs > intent.ExpiresAtMs)
        {
            await store.EndAsync(intent.IntentId, PaymentStatus.Cancelled, cancellationToken).ConfigureAwait(false);
        }

        return InquiryOutcome.NotSettled;
    }

    private async Task<InquiryOutcome> SettleAsync(PaymentIntentRow intent, long receivedMsat, long nowMs, CancellationToken cancellationToken)
    {
        var (receipt, signature) = PaymentReceipts.Sign(intent.IntentId, intent.AccountId, intent.QuotedMc, nowMs, identity.Key);
        var payment = new ProvenPayment(receivedMsat, Guid.NewGuid().ToString(), receipt, signature, nowMs);
        var terms = _terms.Payouts is { } payouts && gate is not null ? _terms with { Payouts = payouts with { MayAllocate = await gate(cancellationToken).ConfigureAwait(false) } } : _terms;
        if (!await store.SettleAsync(intent, payment, terms, cancellationToken).ConfigureAwait(false))
        {
            return InquiryOutcome.AlreadySettled;
        }

        LogSettled(log, intent.IntentId, intent.AmountSats);
        return InquiryOutcome.Settled;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Purchase {IntentId} of {AmountSats} sats is paid and credited")]
    private static partial void LogSettled(ILogger log, string intentId, long amountSats);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Purchase {IntentId}: {ReceivedMsat} msat came in for {AmountSats} sats; nothing is credited until an operator decides")]
    private static partial void LogTooLittle(ILogger log, string intentId, long receivedMsat, long amountSats);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Purchase {IntentId}: {Provider} does not tell whether it is paid ({Why}); it stays as it is")]
    private static partial void LogUnclear(ILogger log, string intentId, string provider, string why);
}
