using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Events;

/// <summary>Changes that open pages are told of, over the portal's store: any instance writes, every instance reads. In one process who waits is woken at once.</summary>
/// <param name="contexts">Reads.</param>
/// <param name="writer">Writes.</param>
/// <param name="time">Clock.</param>
internal sealed class LiveBus(IDbContextFactory<PortalContext> contexts, IStoreWriter writer, TimeProvider time)
{
    /// <summary>How long to trust silence: other instances write too.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <summary>How long events are kept for who comes back.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private const int Page = 200;

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);

    /// <summary>Ends with the next event of an account in this process. Taken before looking, nothing is missed.</summary>
    public Task Next(string accountId) => _waiting.GetOrAdd(accountId, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Wakes who waits for events of an account; after the transaction that wrote one.</summary>
    public void Wake(string accountId)
    {
        if (_waiting.TryRemove(accountId, out var waiting))
        {
            waiting.TrySetResult();
        }
    }

    /// <summary>Tells a change in a transaction of its own; false when it was told before.</summary>
    public async Task<bool> TellAsync(string accountId, string topic, string source, JsonObject data, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var isNew = await writer.WriteAsync(batch => Add(batch, accountId, topic, source, data, now), cancellationToken).ConfigureAwait(false);
        if (isNew)
        {
            Wake(accountId);
        }

        return isNew;
    }

    /// <summary>Adds an event inside a transaction; false when its source was told before. <see cref="Wake"/> follows.</summary>
    public static bool Add(IStoreBatch batch, string accountId, string topic, string source, JsonObject data, long nowMs)
    {
        if (batch.Query("SELECT seq FROM live_events WHERE account_id = $1 AND source = $2", row => row.Number(0), accountId, source).Count > 0)
        {
            return false;
        }

        batch.TryInsert(new LiveHeadRow { AccountId = accountId, Seq = 0 });
        var seq = batch.Query("UPDATE live_heads SET seq = seq + 1 WHERE account_id = $1 RETURNING seq", row => row.Number(0), accountId)[0];
        batch.Insert(new LiveEventRow { AccountId = accountId, Seq = seq, Source = source, Topic = topic, Data = data.ToJsonString(), AtMs = nowMs });
        return true;
    }

    /// <summary>Number of the last event of an account, and of the oldest that is kept (0: none).</summary>
    public async Task<(long Last, long Oldest)> HeadAsync(string accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var last = await context.Set<LiveHeadRow>().Where(row => row.AccountId == accountId).Select(row => row.Seq).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var oldest = await context.Set<LiveEventRow>().Where(row => row.AccountId == accountId).MinAsync(row => (long?)row.Seq, cancellationToken).ConfigureAwait(false);
        return (last, oldest ?? 0);
    }

    /// <summary>Events of an account after one, in order.</summary>
    public async Task<List<LiveEventRow>> AfterAsync(string accountId, long seq, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<LiveEventRow>().Where(row => row.AccountId == accountId && row.Seq > seq).OrderBy(row => row.Seq).Take(Page).ToListAsync(cancellationToken).ConfigureAwait(false);
    }
}
