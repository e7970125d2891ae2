using System.Text.Json;
using EdgeCoder.Coordinator.Blobs;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Snapshots that a submission names (coordinator-and-mesh 4.1). Agents fetch nothing but the blob.</summary>
internal sealed class TaskInputs(BlobStore blobs)
{
    /// <summary>Digests of blobs that a submission names: its snapshot and the files of its checks.</summary>
    public static string[] Named(TaskRow task, TaskSubmission submission)
    {
        var checks = new[] { submission.AcceptanceCheck }.Concat((submission.Subtasks ?? []).Select(s => s.AcceptanceCheck)).OfType<Protocol.Checks.AcceptanceCheck>();
        var files = checks.SelectMany(c => (c.Files ?? []).Concat(c.Overlay ?? [])).Select(f => f.Sha256);
        return [.. (task.SnapshotDigest is { } snapshot ? files.Append(snapshot) : files).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>
    /// In the transaction of the submission: the account holds every blob that it names, or its task is refused, for a digest that was learnt elsewhere
    /// must not open another's work. Operators and services name blobs for the account, which holds them from then on.
    /// </summary>
    public static void Claim(IStoreBatch batch, TaskRow task, string[] named, bool forOthers, long nowMs)
    {
        foreach (var digest in named)
        {
            if (forOthers)
            {
                BlobRecords.Hold(batch, digest, 0, BlobRecords.Account(task.AccountId), nowMs);
            }
            else if (!BlobRecords.Use(batch, digest, task.AccountId, nowMs))
            {
                throw digest == task.SnapshotDigest
                    ? new Refusal(422, "snapshot_unavailable", "This account has not stored that snapshot here. Upload it with PUT /blobs/{sha256} first.")
                    : new Refusal(422, "acceptance_check_unavailable", "This account has not stored a file of the acceptance check here. Upload it with PUT /blobs/{sha256} first.");
            }
        }
    }

    /// <summary>Fills in the digest of the snapshot when it is a blob already, or puts the task before planning until it was fetched.</summary>
    public ValueTask ResolveAsync(TaskRow task, TaskSubmission submission, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (submission.SnapshotRef is not { } reference)
        {
            return ValueTask.CompletedTask;
        }

        var digest = reference.StartsWith("sha256:", StringComparison.Ordinal) ? reference["sha256:".Length..] : submission.SnapshotSha256;
        if (digest is not null && submission.SnapshotSha256 is { } stated && stated != digest)
        {
            throw new Refusal(422, "snapshot_digest_mismatch", "snapshotRef and snapshotSha256 name different bytes. Send the digest of the bundle in both.");
        }

        if (digest is not null && blobs.Exists(digest))
        {
            task.SnapshotDigest = digest;
            return ValueTask.CompletedTask;
        }

        if (reference.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || task.SnapshotUrl is not null)
        {
            // It is fetched before planning; the task waits for it.
            task.State = TaskState.Submitted;
            task.WaitingFor = "snapshot";
            task.SubmissionJson = task.Plan is TaskPlan.Given ? JsonSerializer.Serialize(submission, MeshJson.Default.TaskSubmission) : null;
            return ValueTask.CompletedTask;
        }

        throw new Refusal(422, "snapshot_unavailable", "That snapshot is not stored here. Upload it with PUT /blobs/{sha256} first.");
    }
}
