using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Events;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Reviews;

/// <summary>Decisions as rows. The first one stands.</summary>
/// <param name="contexts">Reads.</param>
/// <param name="writer">Writes.</param>
/// <param name="bus">Who is told.</param>
internal sealed class ReviewStore(IDbContextFactory<PortalContext> contexts, IStoreWriter writer, LiveBus bus)
{
    /// <summary>The decision of a person about a task; null before it.</summary>
    public async Task<ReviewRow?> FindAsync(string accountId, string taskId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<ReviewRow>().FirstOrDefaultAsync(row => row.TaskId == taskId && row.AccountId == accountId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Decisions about some tasks.</summary>
    public async Task<Dictionary<string, ReviewRow>> OfAsync(string accountId, IReadOnlyList<string> taskIds, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<ReviewRow>().Where(row => row.AccountId == accountId && taskIds.Contains(row.TaskId)).ToDictionaryAsync(row => row.TaskId, StringComparer.Ordinal, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Decides, with its line of the audit log and the event for open pages; false when it was decided before.</summary>
    public async Task<bool> DecideAsync(ReviewRow row, AuditSource by, CancellationToken cancellationToken)
    {
        var decided = await writer.WriteAsync(
            batch =>
            {
                if (!batch.TryInsert(row))
                {
                    return false;
                }

                AuditLog.Append(
                    batch, by, "review." + row.Decision, "task:" + row.TaskId, row.AtMs, new() { ["sha256"] = row.BeforeSha256 }, row.AfterSha256 is null ? null : new JsonObject { ["sha256"] = row.AfterSha256 }, about: "user:" + row.AccountId);
                LiveBus.Add(batch, row.AccountId, "review", "review:" + row.TaskId, new() { ["taskId"] = row.TaskId, ["decision"] = row.Decision }, row.AtMs);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (decided)
        {
            bus.Wake(row.AccountId);
        }

        return decided;
    }
}
