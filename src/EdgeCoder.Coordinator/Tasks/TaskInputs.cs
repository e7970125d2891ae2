using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Snapshots that a submission names (coordinator-and-mesh 4.1). Agents fetch nothing but the blob.</summary>
internal sealed class TaskInputs(BlobStore blobs)
{
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
            return ValueTask.CompletedTask;
        }

        throw new Refusal(422, "snapshot_unavailable", "That snapshot is not stored here. Upload it with PUT /blobs/{sha256} first.");
    }
}
