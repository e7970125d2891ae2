using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>The two ends of a send: the state by compare and set, then the transfer, in one transaction. Whoever does not change the state does nothing further.</summary>
internal static class SendEnds
{
    /// <summary>Sent: what it cost is moved, the rest of what was held is free. False when it has ended before.</summary>
    public static bool Sent(IStoreBatch batch, string peerId, WalletSendRow row, long feeMsat, long nowMs, string? operatorId = null)
    {
        var cost = SendTransfers.CostMsat(row, feeMsat);
        if (batch.Execute(
            "UPDATE wallet_send_requests SET status = 'sent', fee_msat = $1, charged_msat = $2, ended_at_ms = $3 WHERE request_id = $4 AND status IN ('sending', 'unknown')", feeMsat, cost, nowMs, row.RequestId) == 0)
        {
            return false;
        }

        SendTransfers.Post(batch, operatorId ?? peerId, row, cost, nowMs);
        return true;
    }

    /// <summary>Failed: everything that was held is free. False when it is in none of these states.</summary>
    public static bool Fail(IStoreBatch batch, string peerId, WalletSendRow row, string reason, long nowMs, params ReadOnlySpan<WalletSendStatus> from)
    {
        foreach (var status in from)
        {
            if (batch.Execute(
                "UPDATE wallet_send_requests SET status = 'failed', reason = $1, charged_msat = 0, ended_at_ms = $2 WHERE request_id = $3 AND status = $4", reason, nowMs, row.RequestId, EnumText.Of(status)) == 1)
            {
                if (row.HoldId is not null)
                {
                    SendTransfers.Void(batch, peerId, row, nowMs);
                }

                return true;
            }
        }

        return false;
    }
}
