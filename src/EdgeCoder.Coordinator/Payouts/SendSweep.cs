using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Hosting.Problems;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Everything that sends need without anybody asking: ends those whose invoice is over, sends the approved, looks up those whose answer is missing. Safe to run twice and on several silos.</summary>
internal sealed partial class SendSweep(SendStore store, SendCourier courier, PaymentClock time, ILogger<SendSweep> log)
{
    private const int AtOnce = 4;

    // A node that is away is not asked about each.
    private const int MostUnanswered = 3;

    /// <summary>Does it once.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => RunAsync(release: true, cancellationToken);

    /// <summary>The same; without <paramref name="release"/> what is approved waits.</summary>
    public async Task RunAsync(bool release, CancellationToken cancellationToken)
    {
        await store.ExpireAsync(cancellationToken).ConfigureAwait(false);
        if (release)
        {
            await EachAsync(await store.InAsync(WalletSendStatus.Approved, cancellationToken).ConfigureAwait(false), courier.SendAsync, cancellationToken).ConfigureAwait(false);
        }

        var nowMs = time.NowMs;
        var sending = await store.InAsync(WalletSendStatus.Sending, cancellationToken).ConfigureAwait(false);
        var unknown = await store.InAsync(WalletSendStatus.Unknown, cancellationToken).ConfigureAwait(false);
        await EachAsync([.. sending.Where(row => SendCourier.IsPatienceOver(row, nowMs)), .. unknown], courier.LookUpAsync, cancellationToken).ConfigureAwait(false);
    }

    private async Task EachAsync(List<WalletSendRow> rows, Func<WalletSendRow, CancellationToken, Task<bool>> step, CancellationToken cancellationToken)
    {
        var unanswered = 0;
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (row, token) =>
        {
            if (Volatile.Read(ref unanswered) >= MostUnanswered)
            {
                return;
            }

            try
            {
                if (!await step(row, token).ConfigureAwait(false))
                {
                    Interlocked.Increment(ref unanswered);
                }
            }
            catch (Refusal refusal)
            {
                // One account whose books are stopped keeps no other from its sats. The state is as it was: looked up again.
                LogRefused(log, row.RequestId, refusal.Error);
            }
        }).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Send {RequestId} could not be brought to its end ({Error}); it stays as it is and is tried again")]
    private static partial void LogRefused(ILogger log, string requestId, string error);
}
