using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Portal.Limits;

/// <summary>Counts attempts in rows.</summary>
/// <param name="writer">Writes.</param>
/// <param name="time">Clock.</param>
internal sealed class LimitCounter(IStoreWriter writer, TimeProvider time)
{
    /// <summary>Counts an attempt under each of some limits, or under none when one of them is used up: then throws 429 <c>rate_limited</c>.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken, params (Limit Limit, string Subject)[] limits)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (await writer.WriteAsync(batch => Take(batch, now, limits), cancellationToken).ConfigureAwait(false) is { } seconds)
        {
            throw new Refusal(429, "rate_limited", "There were too many attempts. Wait, then try again.") { RetryAfter = seconds };
        }
    }

    /// <summary>The same inside a transaction: null when it was counted, else the seconds until it fits.</summary>
    public static int? Take(IStoreBatch batch, long nowMs, params (Limit Limit, string Subject)[] limits)
    {
        foreach (var (limit, subject) in limits.Where(one => one.Limit.Most > 0))
        {
            var from = nowMs - (long)limit.Window.TotalMilliseconds;
            var hits = batch.Query("SELECT at_ms FROM limit_hits WHERE bucket = $1 AND at_ms > $2 ORDER BY at_ms", row => row.Number(0), Bucket(limit, subject), from);
            if (hits.Count >= limit.Most)
            {
                return (int)Math.Max(1, (hits[^(int)limit.Most] - from + 999) / 1000);
            }
        }

        foreach (var (limit, subject) in limits.Where(one => one.Limit.Most > 0))
        {
            batch.Insert(new LimitHitRow { Id = Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(nowMs)).ToString(), Bucket = Bucket(limit, subject), AtMs = nowMs });
        }

        return null;
    }

    // Whom it counts is nobody's to read in the store.
    private static string Bucket(Limit limit, string subject) => limit.Name + ":" + SecretDigest.Hex(subject)[..32];
}
