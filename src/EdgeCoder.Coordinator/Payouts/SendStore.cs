using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Treasury;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>What the courier of sends keeps, one transaction each: durable before the node is asked, and after its answer.</summary>
internal sealed class SendStore(IStoreWriter writer, CoordinatorIdentity identity, PaymentClock time)
{
    private const int Most = 100;

    /// <summary>Sends in a state, those asked about longest ago first.</summary>
    public Task<List<WalletSendRow>> InAsync(WalletSendStatus status, CancellationToken cancellationToken) => writer.WriteAsync(batch => SendRows.In(batch, status, Most), cancellationToken);

    /// <summary>Ends those whose invoice is over and that no node has; gives how many.</summary>
    public Task<int> ExpireAsync(CancellationToken cancellationToken)
    {
        var nowMs = time.NowMs;
        return writer.WriteAsync(
            batch => SendRows.Over(batch, nowMs, Most).Count(row => SendEnds.Fail(batch, identity.PeerId, row, SendReasons.Expired, nowMs, row.Status)), cancellationToken);
    }

    /// <summary>Gives it to the node, on paper: false unless it is approved, its invoice can be paid, and the treasury's policy releases it, in this very transaction. Whoever gets true asks the node, once.</summary>
    public Task<bool> BeginAsync(WalletSendRow row, CancellationToken cancellationToken)
    {
        var nowMs = time.NowMs;
        return writer.WriteAsync(
            batch => ReleaseRule.WaitsFor(batch, row, nowMs) is null && batch.Execute(
                "UPDATE wallet_send_requests SET status = 'sending', sending_at_ms = $1, asked_at_ms = $1 WHERE request_id = $2 AND status = 'approved' AND invoice_ends_at_ms > $1", nowMs, row.RequestId) == 1,
            cancellationToken);
    }

    /// <summary>The node's answer was lost.</summary>
    public Task<bool> LoseAsync(WalletSendRow row, CancellationToken cancellationToken) =>
        writer.WriteAsync(batch => batch.Execute("UPDATE wallet_send_requests SET status = 'unknown' WHERE request_id = $1 AND status = 'sending'", row.RequestId) == 1, cancellationToken);

    /// <summary>The node was asked about it.</summary>
    public Task NoteAskedAsync(WalletSendRow row, CancellationToken cancellationToken)
    {
        var nowMs = time.NowMs;
        return writer.WriteAsync(batch => batch.Execute("UPDATE wallet_send_requests SET asked_at_ms = $1 WHERE request_id = $2", nowMs, row.RequestId), cancellationToken);
    }

    /// <summary>Sent; false when it has ended before.</summary>
    public Task<bool> SentAsync(WalletSendRow row, long feeMsat, CancellationToken cancellationToken)
    {
        var nowMs = time.NowMs;
        return writer.WriteAsync(batch => SendEnds.Sent(batch, identity.PeerId, row, feeMsat, nowMs), cancellationToken);
    }

    /// <summary>Failed after the node had it; false when it has ended before.</summary>
    public Task<bool> FailedAsync(WalletSendRow row, string reason, CancellationToken cancellationToken) =>
        FailAsync(row, reason, cancellationToken, WalletSendStatus.Sending, WalletSendStatus.Unknown);

    /// <summary>Failed before the node had it; false when it is past that.</summary>
    public Task<bool> RefuseAsync(WalletSendRow row, string reason, CancellationToken cancellationToken) => FailAsync(row, reason, cancellationToken, WalletSendStatus.Approved);

    private Task<bool> FailAsync(WalletSendRow row, string reason, CancellationToken cancellationToken, params WalletSendStatus[] from)
    {
        var nowMs = time.NowMs;
        return writer.WriteAsync(batch => SendEnds.Fail(batch, identity.PeerId, row, reason, nowMs, from), cancellationToken);
    }
}
