using System.Text.Json;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Leases;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Blobs;

/// <summary>What is read under a digest.</summary>
/// <param name="Digest">The stored blob.</param>
/// <param name="SealedFor">The lease for which it is sealed; null: as it is.</param>
internal sealed record ReadableBlob(string Digest, string? SealedFor);

/// <summary>
/// Who may write and read blobs (coordinator-and-mesh 4.7). Operators read all. An account reads what it holds, and what the results of its tasks name
/// and their agent has sent. An agent reads what a live lease of it names and the task's account holds; hidden tests only when it audits. What a sealed lease names
/// is read under the names of its sealed copies and no others.
/// </summary>
internal sealed class BlobReaders(IDbContextFactory<CoordinatorContext> contexts, QueueClock clock)
{
    /// <summary>Whether a caller may store blobs: submitters and services always, an agent while it holds a lease.</summary>
    public async Task<bool> MayWriteAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Kind != CallerKinds.Agent)
        {
            return true;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await LiveLeases(context, caller.Name).AnyAsync(cancellationToken);
    }

    /// <summary>What a caller reads under a digest; null when nothing.</summary>
    public async Task<ReadableBlob?> FindAsync(Caller caller, string sha256, CancellationToken cancellationToken)
    {
        var plain = new ReadableBlob(sha256, null);
        if (caller.Kind is CallerKinds.Operator or CallerKinds.MeshService)
        {
            return plain;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return caller.Kind switch
        {
            CallerKinds.Agent => await AgentFindsAsync(context, caller.Name, plain, cancellationToken),
            CallerKinds.Submitter or CallerKinds.PortalService => await AccountsMayReadAsync(context, caller.Accounts, sha256, cancellationToken) ? plain : null,
            _ => null,
        };
    }

    private static async Task<bool> AccountsMayReadAsync(CoordinatorContext context, IReadOnlyList<string> accounts, string sha256, CancellationToken cancellationToken)
    {
        var names = accounts.Select(BlobRecords.Account).ToList();
        if (await context.Set<BlobHolderRow>().AnyAsync(h => h.Sha256 == sha256 && names.Contains(h.Holder), cancellationToken))
        {
            return true;
        }

        var ids = accounts.ToList();
        return await (
            from result in context.Set<ResultRow>()
            join task in context.Set<TaskRow>() on result.TaskId equals task.TaskId
            join holder in context.Set<BlobHolderRow>() on "agent:" + result.AgentId equals holder.Holder
            where (result.PatchDigest == sha256 || result.LogsDigest == sha256) && holder.Sha256 == sha256 && ids.Contains(task.AccountId)
            select result.LeaseId).AnyAsync(cancellationToken);
    }

    private async Task<ReadableBlob?> AgentFindsAsync(CoordinatorContext context, string agentId, ReadableBlob asked, CancellationToken cancellationToken)
    {
        // A sealed copy stands for its blob in everything that follows.
        var copies = await LiveLeases(context, agentId).Where(l => l.BlobsJson != null && l.BlobsJson.Contains(asked.Digest)).Select(l => new { l.LeaseId, l.BlobsJson }).ToListAsync(cancellationToken);
        var found = copies.Select(l => CopyIn(l.LeaseId, l.BlobsJson!, asked.Digest)).FirstOrDefault(copy => copy is not null) ?? asked;
        var sha256 = found.Digest;
        var leases = await (
            from lease in LiveLeases(context, agentId)
            join subtask in context.Set<SubtaskRow>() on lease.SubtaskId equals subtask.SubtaskId
            join task in context.Set<TaskRow>() on lease.TaskId equals task.TaskId
            select new
            {
                lease.Purpose, lease.SubjectLeaseId, lease.Sealed, subtask.SnapshotDigest, subtask.CheckJson, InInput = subtask.Input.Contains(sha256), task.AccountId,
                Submitted = task.SnapshotRef == "sha256:" + sha256,
                Held = context.Set<BlobHolderRow>().Any(h => h.Sha256 == sha256 && h.Holder == "account:" + task.AccountId),
            }).ToListAsync(cancellationToken);

        // One that works on a subtask does not see its hidden tests through another lease either.
        var checks = leases.Select(l => l.CheckJson is null ? null : JsonSerializer.Deserialize(l.CheckJson, MeshJson.Default.AcceptanceCheck)).ToList();
        if (leases.Where((lease, i) => lease.Purpose == LeasePurpose.Work && Names(checks[i]?.Overlay, sha256)).Any())
        {
            return null;
        }

        if (found.SealedFor is not null)
        {
            return found;
        }

        for (var i = 0; i < leases.Count; i++)
        {
            var lease = leases[i];
            if (lease.Sealed)
            {
                continue;
            }

            var check = checks[i];

            // The coordinator made a snapshot that the submission does not name by its digest.
            if (lease.SnapshotDigest == sha256 && (lease.Held || !lease.Submitted))
            {
                return found;
            }

            if (lease.Held && (lease.InInput || Names(check?.Files, sha256) || (lease.Purpose != LeasePurpose.Work && Names(check?.Overlay, sha256))))
            {
                return found;
            }

            if (lease.Purpose != LeasePurpose.Work && await SubjectNamesAsync(context, lease.SubjectLeaseId, sha256, cancellationToken))
            {
                return found;
            }
        }

        return null;
    }

    // Pairs of a blob's digest and its copy's.
    private static ReadableBlob? CopyIn(string leaseId, string json, string sha256)
    {
        var pairs = JsonSerializer.Deserialize(json, QueueJson.Default.StringArray)!;
        for (var i = 0; i + 1 < pairs.Length; i += 2)
        {
            if (pairs[i + 1] == sha256)
            {
                return new(pairs[i], leaseId);
            }
        }

        return null;
    }

    private static Task<bool> SubjectNamesAsync(CoordinatorContext context, string? subjectLeaseId, string sha256, CancellationToken cancellationToken) => (
        from result in context.Set<ResultRow>()
        join holder in context.Set<BlobHolderRow>() on "agent:" + result.AgentId equals holder.Holder
        where result.LeaseId == subjectLeaseId && result.PatchDigest == sha256 && holder.Sha256 == sha256
        select result.LeaseId).AnyAsync(cancellationToken);

    private static bool Names(IReadOnlyList<CheckFile>? files, string sha256) => files is not null && files.Any(f => f.Sha256 == sha256);

    private IQueryable<LeaseRow> LiveLeases(CoordinatorContext context, string agentId)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return context.Set<LeaseRow>().Where(l => l.AgentId == agentId && l.State == LeaseState.Live && l.DeadlineMs > now);
    }
}
