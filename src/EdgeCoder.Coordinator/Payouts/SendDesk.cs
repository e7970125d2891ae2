using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>
/// What people do with sends (economy-and-ledger 6.4), each in one transaction: 1. a member asks; 2. the portal confirms with a person's second factor, which is bound to destination, amount and fee
/// cap: from here on the sats are held and counted; 3. above the review amount an operator decides. What a node does with it is <see cref="SendCourier"/>'s.
/// </summary>
internal sealed class SendDesk(ILightningPayer payer, CoordinatorIdentity identity, PaymentSettings settings, PaymentClock time)
{
    private const int MostOpen = 25;
    private const int LeastReason = 10;
    private const int MostReason = 200;

    private readonly SendSettings _limits = settings.Sends;

    /// <summary>
    /// 1. Throws 403, 404 <c>account_not_found</c>, 409 <c>wallet_invoice_used</c>, 429 <c>wallet_send_rate_limited</c>, 503 <c>wallet_sends_disabled</c>, and what <see cref="SendRules.Make"/> throws.
    /// </summary>
    public WalletSendRow Ask(IStoreBatch batch, string accountId, SendRequest request, Caller caller, string requestId)
    {
        AccountAccess.Require(batch, caller, accountId, AccountRole.Member, services: false);
        if (payer.Node == LightningSettings.None)
        {
            throw new Refusal(503, "wallet_sends_disabled", "This coordinator sends no sats: its operator named no node that pays (LIGHTNING_PROVIDER lnd or cln).");
        }

        var row = SendRules.Make(requestId, accountId, request, payer.Node, settings.Lightning.Network, _limits, time.NowMs);
        if (SendRows.IsUsed(batch, row.PaymentHash))
        {
            throw new Refusal(409, "wallet_invoice_used", "This invoice is in a send already, or was. An invoice is paid once: ask for a new one.");
        }

        if (batch.Query("SELECT COUNT(*) FROM wallet_send_requests WHERE account_id = $1 AND status = 'requested'", found => found.Number(0), accountId)[0] >= MostOpen)
        {
            throw new Refusal(429, "wallet_send_rate_limited", $"An account has at most {MostOpen} sends that nobody confirmed. Cancel some.");
        }

        batch.Insert(row);
        return row;
    }

    /// <summary>
    /// 2. The same confirmation again gives the send as it is. Throws 402 <c>insufficient_credits</c>, 409 <c>wallet_send_mismatch</c>, <c>wallet_send_not_open</c>, <c>wallet_send_confirmation_used</c>,
    /// <c>wallet_invoice_expired</c>, <c>wallet_daily_limit_reached</c>; each leaves the request as it was.
    /// </summary>
    public WalletSendRow Confirm(IStoreBatch batch, string accountId, string requestId, SendConfirmation confirmation, Caller caller)
    {
        // Only an owner, named by the portal that asked for the second factor; no key of an account and no service stands in for it.
        AccountAccess.Require(batch, caller, accountId, AccountRole.Owner, services: false);
        if (!AccountAccess.IsPerson(caller))
        {
            throw new Refusal(403, "account_forbidden", "Sends are confirmed by an owner's second factor in the portal.");
        }

        if (!ClientId.IsValid(confirmation.ChallengeId))
        {
            throw Refusal.Invalid([new("challengeId", FieldRules.IdRule)]);
        }

        var row = SendRows.Find(batch, accountId, requestId);
        SendRules.CheckBound(row, confirmation);
        if (row.ChallengeId == confirmation.ChallengeId)
        {
            return row;
        }

        if (batch.Query("SELECT 1 FROM wallet_send_requests WHERE challenge_id = $1", found => found.Number(0), confirmation.ChallengeId).Count > 0)
        {
            throw new Refusal(409, "wallet_send_confirmation_used", "This confirmation was used for another send.");
        }

        var nowMs = time.NowMs;
        if (row.InvoiceEndsAtMs <= nowMs)
        {
            throw SendRules.Expired();
        }

        SendRules.CheckSize(row.AmountSats, _limits);
        var status = row.AmountSats > _limits.ReviewSats ? WalletSendStatus.PendingManualReview : WalletSendStatus.Approved;
        if (batch.Execute(
            "UPDATE wallet_send_requests SET status = $1, confirmed_by = $2, challenge_id = $3, hold_id = $4, charged_msat = $5 WHERE request_id = $6 AND status = 'requested'",
            EnumText.Of(status), caller.Name, confirmation.ChallengeId, SendTransfers.HoldId(requestId), SendTransfers.HeldMsat(row), requestId) == 0)
        {
            throw NotOpen();
        }

        SendTransfers.Hold(batch, identity.PeerId, row, nowMs);
        SendLimits.Check(batch, accountId, _limits, nowMs);
        return SendRows.Find(batch, requestId);
    }

    /// <summary>3. The same decision again gives the send as it is. Throws 404 <c>wallet_send_not_found</c>, 409 <c>wallet_send_not_open</c>.</summary>
    public WalletSendRow Review(IStoreBatch batch, string requestId, SendReview review, Caller caller)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, review.Decision is "approve" or "reject", "decision", "approve or reject");
        FieldRules.Require(issues, FieldRules.Length(review.Reason?.Trim(), LeastReason, MostReason), "reason", $"{LeastReason} to {MostReason} characters that say why");
        FieldRules.ThrowIfAny(issues);
        var row = SendRows.Find(batch, requestId);
        if (row.ReviewedBy == caller.Name && (row.Reason == SendReasons.Rejected) == (review.Decision == "reject"))
        {
            return row;
        }

        if (batch.Execute(
            "UPDATE wallet_send_requests SET status = 'approved', reviewed_by = $1, review_reason = $2 WHERE request_id = $3 AND status = 'pending_manual_review'", caller.Name, review.Reason!.Trim(), requestId) == 0)
        {
            throw NotOpen();
        }

        if (review.Decision == "reject")
        {
            SendEnds.Fail(batch, identity.PeerId, row, SendReasons.Rejected, time.NowMs, WalletSendStatus.Approved);
        }

        return SendRows.Find(batch, requestId);
    }

    /// <summary>Calls a send off that no node has. Throws 409 <c>wallet_send_under_way</c>; one that ended stays as it is.</summary>
    public WalletSendRow Cancel(IStoreBatch batch, string accountId, string requestId, Caller caller)
    {
        AccountAccess.Require(batch, caller, accountId, AccountRole.Member, services: false);
        var row = SendRows.Find(batch, accountId, requestId);
        if (row.Status is WalletSendStatus.Sending or WalletSendStatus.Unknown)
        {
            throw new Refusal(409, "wallet_send_under_way", "The node has it already: it ends as sent or as failed.");
        }

        SendEnds.Fail(batch, identity.PeerId, row, SendReasons.Cancelled, time.NowMs, WalletSendStatus.Requested, WalletSendStatus.PendingManualReview, WalletSendStatus.Approved);
        return SendRows.Find(batch, requestId);
    }

    private static Refusal NotOpen() => new(409, "wallet_send_not_open", "This send is past that step. Look at its status.");
}
