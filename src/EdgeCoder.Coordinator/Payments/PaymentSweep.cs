using EdgeCoder.Hosting.Problems;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>What a sweep did.</summary>
internal readonly record struct SweepCount(int Scanned, int Settled, int Expired);

/// <summary>Asks about purchases that nobody asks about (economy-and-ledger 6.2): those that wait, then those that ended unpaid not too long ago. Safe on several silos.</summary>
internal sealed partial class PaymentSweep(IntentStore store, PaymentInquiry inquiry, PaymentSettings settings, PaymentClock time, ILogger<PaymentSweep> log)
{
    /// <summary>Most purchases of a sweep; those asked about longest ago come first, so none is passed over for ever.</summary>
    public const int Most = 500;

    // A node that is away is not asked 500 times, each up to its time limit.
    private const int MostUnanswered = 3;

    /// <summary>Those that wait.</summary>
    public async Task<SweepCount> OpenAsync(CancellationToken cancellationToken) =>
        await AskAsync(await store.OpenAsync(Most, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>Those that ended unpaid within <c>PAYMENT_LATE_WATCH_MS</c>.</summary>
    public async Task<SweepCount> EndedAsync(CancellationToken cancellationToken) => await AskAsync(
        await store.EndedAsync(time.NowMs - (long)settings.LateWatch.TotalMilliseconds, Most, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    private async Task<SweepCount> AskAsync(List<PaymentIntentRow> intents, CancellationToken cancellationToken)
    {
        var count = default(SweepCount);
        var unanswered = 0;
        foreach (var intent in intents)
        {
            var outcome = await AskAsync(intent, cancellationToken).ConfigureAwait(false);
            count = new(count.Scanned + 1, count.Settled + (outcome is InquiryOutcome.Settled ? 1 : 0), count.Expired + (outcome is InquiryOutcome.Expired ? 1 : 0));
            unanswered = outcome is InquiryOutcome.Unavailable ? unanswered + 1 : 0;
            if (unanswered == MostUnanswered)
            {
                break;
            }
        }

        return count;
    }

    // One account whose books are stopped does not keep the others from their credits.
    private async Task<InquiryOutcome> AskAsync(PaymentIntentRow intent, CancellationToken cancellationToken)
    {
        try
        {
            return await inquiry.AskAsync(intent, cancellationToken).ConfigureAwait(false);
        }
        catch (Refusal refusal)
        {
            LogRefused(log, intent.IntentId, refusal.Error);
            return InquiryOutcome.NotSettled;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Purchase {IntentId} could not be settled ({Error}); it stays as it is and is tried again")]
    private static partial void LogRefused(ILogger log, string intentId, string error);
}
