using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>
/// An operator ends a send whose node is lost (economy-and-ledger 6.4): 1. the decision has its form; 2. the send is one that a node was given and whose end is not known; 3. the node that has it does not answer: one that
/// does has the last word; 4. that it failed is said only when no payment of it can be on its way any more; 5. state and transfer in one transaction, with the operator's name and reason. Its invoice stays used:
/// no node is given it again.
/// </summary>
internal sealed class SendClosing(ILightningPayer payer, CoordinatorIdentity identity, IStoreWriter writer, PaymentClock time)
{
    /// <summary>
    /// How long after the end of its invoice a payment may still be on its way: nodes lock funds for at most 2016 blocks, about 14 days, and a node may begin until <see cref="SendCourier.LateMs"/> after the invoice; with a
    /// margin for slow blocks.
    /// </summary>
    public const long LongestLockMs = 21L * 24 * 3_600_000;

    private const int LeastReason = 10;
    private const int MostReason = 200;
    private const string SentOutcome = "sent";
    private const string FailedOutcome = "failed";

    /// <summary>
    /// Ends it; the same decision again gives the send as it is. Throws 404 <c>wallet_send_not_found</c>; 409 <c>wallet_send_not_open</c>, <c>wallet_send_node_answers</c>, <c>wallet_send_may_be_paid</c>; 400
    /// <c>validation_failed</c>.
    /// </summary>
    public async Task<WalletSendRow> CloseAsync(string requestId, SendClosure closure, Caller caller, CancellationToken cancellationToken)
    {
        // 1.
        var row = await writer.WriteAsync(batch => SendRows.Find(batch, requestId), cancellationToken).ConfigureAwait(false);
        Check(closure, row);
        if (IsSame(row, closure, caller.Name))
        {
            return row;
        }

        // 2.
        var nowMs = time.NowMs;
        if (row.Status is not (WalletSendStatus.Unknown or WalletSendStatus.Sending) || !SendCourier.IsPatienceOver(row, nowMs))
        {
            throw NotOpen();
        }

        // 3.
        if (row.Node == payer.Node && await payer.TrackAsync(row.PaymentHash, cancellationToken).ConfigureAwait(false) is not PaymentTrace.Unclear)
        {
            throw new Refusal(409, "wallet_send_node_answers", "The node that has this send answers: it ends as sent or as failed by what the node says.");
        }

        // 4.
        if (closure.Outcome == FailedOutcome && nowMs <= row.InvoiceEndsAtMs + SendCourier.LateMs + LongestLockMs)
        {
            throw new Refusal(409, "wallet_send_may_be_paid", "A payment of this send may still be on its way. That it failed can be said 21 days after the end of its invoice.");
        }

        // 5.
        return await writer.WriteAsync(batch => End(batch, row, closure, caller.Name, nowMs), cancellationToken).ConfigureAwait(false);
    }

    private WalletSendRow End(IStoreBatch batch, WalletSendRow row, SendClosure closure, string operatorId, long nowMs)
    {
        var ended = closure.Outcome == SentOutcome
            ? SendEnds.Sent(batch, identity.PeerId, row, closure.FeeMsat!.Value, nowMs, operatorId)
            : SendEnds.Fail(batch, identity.PeerId, row, SendReasons.ClosedByHand, nowMs, WalletSendStatus.Sending, WalletSendStatus.Unknown);
        if (!ended)
        {
            // Another request of the same operator was faster.
            return SendRows.Find(batch, row.RequestId) is { } found && IsSame(found, closure, operatorId) ? found : throw NotOpen();
        }

        batch.Execute("UPDATE wallet_send_requests SET closed_by = $1, close_reason = $2 WHERE request_id = $3", operatorId, closure.Reason!.Trim(), row.RequestId);
        return SendRows.Find(batch, row.RequestId);
    }

    private static bool IsSame(WalletSendRow row, SendClosure closure, string operatorId) => row.ClosedBy == operatorId && EnumText.Of(row.Status) == closure.Outcome;

    private static void Check(SendClosure closure, WalletSendRow row)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, closure.Outcome is SentOutcome or FailedOutcome, "outcome", "sent or failed");
        FieldRules.Require(issues, FieldRules.Length(closure.Reason?.Trim(), LeastReason, MostReason), "reason", $"{LeastReason} to {MostReason} characters that say how you know");
        FieldRules.Require(
            issues, closure.Outcome != SentOutcome || closure.FeeMsat is { } fee && fee >= 0 && fee <= row.FeeCapSats * 1_000, "feeMsat", "what the node took beyond the amount, in msat: 0 to the send's fee cap");
        FieldRules.ThrowIfAny(issues);
    }

    private static Refusal NotOpen() => new(409, "wallet_send_not_open", "Only a send that a node was given two minutes ago or more, and whose end is not known, is closed by hand.");
}
