using System.Text.RegularExpressions;
using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Blobs;

/// <summary>
/// Removes what nobody needs any more (coordinator-and-mesh 4.7): a blob is kept for 30 days after it was stored or named last, and as long as a task names it that has not ended, ended less than
/// 30 days ago, is being audited, or waits in an escalation. Documents of the log are rows and stay. Safe on several silos and twice.
/// </summary>
internal sealed partial class BlobRetention(BlobStore blobs, IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts, BlobOptions options, TimeProvider time, ILogger<BlobRetention> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    // In one transaction, so that the writer is never held for long.
    private const int AtOnce = 200;

    /// <summary>
    /// 1. What is old by its file. 2. What is named, read before anything is changed. 3. Old holdings of what is not named end: one that was renewed meanwhile stays. 4. Files that nobody holds go.
    /// Gives how many.
    /// </summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        // 1.
        var before = time.GetUtcNow() - options.Kept;
        var old = blobs.WrittenBefore(before).ToHashSet(StringComparer.Ordinal);
        if (old.Count == 0)
        {
            return 0;
        }

        // 2.
        var beforeMs = before.ToUnixTimeMilliseconds();
        old.ExceptWith(await NamedAsync(beforeMs, cancellationToken));

        // 3.
        var removed = 0;
        foreach (var some in old.Chunk(AtOnce))
        {
            var free = await writer.WriteAsync(batch => some.Where(digest => Leave(batch, digest, beforeMs)).ToList(), cancellationToken);

            // 4.
            removed += free.Count(digest => blobs.Remove(digest, before));
        }

        LogSwept(removed);
        return removed;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                try
                {
                    await SweepAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    LogFailed(fault);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    // Whether nobody holds it any more.
    private static bool Leave(IStoreBatch batch, string digest, long beforeMs)
    {
        batch.Execute("DELETE FROM blob_holders WHERE sha256 = $1 AND held_at_ms < $2", digest, beforeMs);
        return batch.Query("SELECT 1 FROM blob_holders WHERE sha256 = $1", row => row.Number(0), digest).Count == 0;
    }

    private static IEnumerable<string> In(string? text) => text is null ? [] : Digest().Matches(text).Select(match => match.Value);

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", RegexOptions.CultureInvariant)]
    private static partial Regex Digest();

    private async Task<HashSet<string>> NamedAsync(long beforeMs, CancellationToken cancellationToken)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var kept = context.Set<TaskRow>().Where(t =>
            t.FinishedAtMs == null || t.FinishedAtMs >= beforeMs
            || (t.State != TaskState.Completed && t.State != TaskState.Failed && t.State != TaskState.Cancelled)
            || context.Set<OpenAuditRow>().Any(a => a.TaskId == t.TaskId)
            || context.Set<EscalationRow>().Any(e => e.TaskId == t.TaskId && e.Phase != EscalationPhase.Done));
        await foreach (var task in kept.Select(t => new { t.SnapshotRef, t.SnapshotDigest, t.PatchDigest, t.SubmissionJson }).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            named.UnionWith(In(task.SnapshotRef).Concat(In(task.SnapshotDigest)).Concat(In(task.PatchDigest)).Concat(In(task.SubmissionJson)));
        }

        var ids = kept.Select(t => t.TaskId);
        await foreach (var subtask in context.Set<SubtaskRow>().Where(s => ids.Contains(s.TaskId)).Select(s => new { s.SnapshotDigest, s.CheckJson, s.Input }).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            named.UnionWith(In(subtask.SnapshotDigest).Concat(In(subtask.CheckJson)).Concat(In(subtask.Input)));
        }

        await foreach (var result in context.Set<ResultRow>().Where(r => ids.Contains(r.TaskId)).Select(r => new { r.PatchDigest, r.LogsDigest }).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            named.UnionWith(In(result.PatchDigest).Concat(In(result.LogsDigest)));
        }

        await foreach (var logs in context.Set<VerdictRow>().Where(v => ids.Contains(v.TaskId) && v.LogsDigest != null).Select(v => v.LogsDigest).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            named.UnionWith(In(logs));
        }

        await foreach (var escalation in context.Set<EscalationRow>().Where(e => e.Phase != EscalationPhase.Done).Select(e => new { e.SnapshotRef, e.TaskText, e.Tests }).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            named.UnionWith(In(escalation.SnapshotRef).Concat(In(escalation.TaskText)).Concat(In(escalation.Tests)));
        }

        return named;
    }

    [LoggerMessage(LogLevel.Information, "{Count} blobs that nobody needs any more were removed.")]
    private partial void LogSwept(int count);

    [LoggerMessage(LogLevel.Error, "Removing blobs that nobody needs failed; it is tried again in an hour.")]
    private partial void LogFailed(Exception fault);
}
