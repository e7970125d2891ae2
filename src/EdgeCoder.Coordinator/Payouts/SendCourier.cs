using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.Coordinator.Payments;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>
/// Takes approved sends to the node (economy-and-ledger 6.4), so that nothing is paid twice whatever ends in between:
/// 1. The node is asked whether it knows the invoice. It must not: a payment found later is this send's.
/// 2. The state becomes <c>sending</c>, by compare and set. Whoever set it goes on; nobody ever does so again.
/// 3. The node is asked to pay, once.
/// 4. Its answer is kept: <c>sent</c>, <c>failed</c>, or <c>unknown</c> where there is none. After an error of the node itself, what it knows decides.
/// A process that ends after 2 leaves <c>sending</c>, one whose answer was lost <c>unknown</c>: both are looked up by payment hash until the node proves an end.
/// </summary>
internal sealed partial class SendCourier(SendStore store, ILightningPayer payer, PaymentClock time, ILogger<SendCourier> log)
{
    /// <summary>How long the node tries.</summary>
    public const int TrySeconds = 60;

    /// <summary>After this time nobody waits for an answer any more, and the node has stopped trying: a failure that it tells is final.</summary>
    public const long PatienceMs = 120_000;

    /// <summary>So long after the end of an invoice a request that is still under way is refused by any node, whatever its clock: only then is knowing nothing a proof.</summary>
    public const long LateMs = 600_000;

    /// <summary>Sends one that is approved. False when the node does not answer: it waits.</summary>
    public async Task<bool> SendAsync(WalletSendRow row, CancellationToken cancellationToken)
    {
        // 1
        var known = IsOurs(row) ? await payer.TrackAsync(row.PaymentHash, cancellationToken).ConfigureAwait(false) : new PaymentTrace.Unclear("it was requested for another node");
        if (known is PaymentTrace.Unclear unclear)
        {
            LogUnclear(log, row.RequestId, unclear.Why);
            await store.NoteAskedAsync(row, cancellationToken).ConfigureAwait(false);
            return false;
        }

        if (known is not PaymentTrace.NotFound)
        {
            await store.RefuseAsync(row, SendReasons.Known, cancellationToken).ConfigureAwait(false);
            return true;
        }

        // 2
        if (!await store.BeginAsync(row, cancellationToken).ConfigureAwait(false))
        {
            // Others come before it the next time.
            await store.NoteAskedAsync(row, cancellationToken).ConfigureAwait(false);
            return true;
        }

        // 3
        var order = new PaymentOrder(row.Destination, row.PaymentHash, row.FeeCapSats * 1_000, TrySeconds);
        var answer = await payer.PayAsync(order, cancellationToken).ConfigureAwait(false);

        // 4
        switch (answer)
        {
            case PayAnswer.Paid paid:
                await SentAsync(row, paid.FeeMsat, cancellationToken).ConfigureAwait(false);
                break;
            case PayAnswer.Failed failed:
                await FailedAsync(row, failed.Reason, cancellationToken).ConfigureAwait(false);
                break;
            case PayAnswer.Refused refused:
                await RefusedAsync(row, refused.Status, cancellationToken).ConfigureAwait(false);
                break;
            case PayAnswer.Unknown unknown:
                LogLost(log, row.RequestId, unknown.Why);
                await store.LoseAsync(row, cancellationToken).ConfigureAwait(false);
                break;
            default:
                throw new InvalidOperationException("The node answered something that is not known here.");
        }

        return true;
    }

    /// <summary>Looks one up whose answer is missing: one that is <c>sending</c> for longer than <see cref="PatienceMs"/>, or <c>unknown</c>. False when the node does not answer.</summary>
    public async Task<bool> LookUpAsync(WalletSendRow row, CancellationToken cancellationToken)
    {
        var trace = IsOurs(row) ? await payer.TrackAsync(row.PaymentHash, cancellationToken).ConfigureAwait(false) : new PaymentTrace.Unclear("another node has it");
        var nowMs = time.NowMs;
        await store.NoteAskedAsync(row, cancellationToken).ConfigureAwait(false);
        switch (trace)
        {
            case PaymentTrace.Succeeded succeeded:
                await SentAsync(row, succeeded.FeeMsat, cancellationToken).ConfigureAwait(false);
                return true;
            case PaymentTrace.Failed failed when IsPatienceOver(row, nowMs):
                await FailedAsync(row, failed.Reason, cancellationToken).ConfigureAwait(false);
                return true;
            case PaymentTrace.NotFound when nowMs > row.InvoiceEndsAtMs + LateMs && IsPatienceOver(row, nowMs):
                await FailedAsync(row, SendReasons.NotSent, cancellationToken).ConfigureAwait(false);
                return true;
            case PaymentTrace.Failed or PaymentTrace.NotFound or PaymentTrace.InFlight:
                return true;
            case PaymentTrace.Unclear unclear:
                LogUnclear(log, row.RequestId, unclear.Why);
                return false;
            default:
                throw new InvalidOperationException("The node knows something that is not known here.");
        }
    }

    /// <summary>Whether nobody can be waiting for the node's answer any more.</summary>
    public static bool IsPatienceOver(WalletSendRow row, long nowMs) => row.SendingAtMs is { } at && nowMs - at >= PatienceMs;

    // The call has ended with an error of the node's own: what it does not know of, or has stopped, it does not begin again.
    private async Task RefusedAsync(WalletSendRow row, int status, CancellationToken cancellationToken)
    {
        switch (await payer.TrackAsync(row.PaymentHash, cancellationToken).ConfigureAwait(false))
        {
            case PaymentTrace.Succeeded succeeded:
                await SentAsync(row, succeeded.FeeMsat, cancellationToken).ConfigureAwait(false);
                break;
            case PaymentTrace.Failed failed:
                await FailedAsync(row, failed.Reason, cancellationToken).ConfigureAwait(false);
                break;
            case PaymentTrace.NotFound:
                await FailedAsync(row, SendReasons.NotSent, cancellationToken).ConfigureAwait(false);
                break;
            default:
                LogLost(log, row.RequestId, $"status {status}");
                await store.LoseAsync(row, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private async Task SentAsync(WalletSendRow row, long feeMsat, CancellationToken cancellationToken)
    {
        if (await store.SentAsync(row, feeMsat, cancellationToken).ConfigureAwait(false))
        {
            LogSent(log, row.RequestId, row.AmountSats, feeMsat);
            if (feeMsat > row.FeeCapSats * 1_000)
            {
                LogFeeAboveCap(log, row.RequestId, feeMsat, row.FeeCapSats);
            }
        }
    }

    private async Task FailedAsync(WalletSendRow row, string reason, CancellationToken cancellationToken)
    {
        if (await store.FailedAsync(row, reason, cancellationToken).ConfigureAwait(false))
        {
            LogFailed(log, row.RequestId, reason);
        }
    }

    private bool IsOurs(WalletSendRow row) => row.Node == payer.Node;

    [LoggerMessage(Level = LogLevel.Information, Message = "Send {RequestId}: {AmountSats} sats left, for a fee of {FeeMsat} msat")]
    private static partial void LogSent(ILogger log, string requestId, long amountSats, long feeMsat);

    [LoggerMessage(Level = LogLevel.Error, Message = "Send {RequestId}: the node took a fee of {FeeMsat} msat though its limit was {FeeCapSats} sats; what is above is not the account's")]
    private static partial void LogFeeAboveCap(ILogger log, string requestId, long feeMsat, long feeCapSats);

    [LoggerMessage(Level = LogLevel.Information, Message = "Send {RequestId} failed ({Reason}); what was held is free")]
    private static partial void LogFailed(ILogger log, string requestId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Send {RequestId}: the node's answer is missing ({Why}); it is looked up and not sent again")]
    private static partial void LogLost(ILogger log, string requestId, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Send {RequestId}: the node does not tell what it knows ({Why}); nothing was changed")]
    private static partial void LogUnclear(ILogger log, string requestId, string why);
}
