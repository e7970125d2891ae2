using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Blobs;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;

namespace EdgeCoder.Coordinator.Blobs;

/// <summary>A sealed upload that was opened and is stored as what it is.</summary>
/// <param name="Blob">How it was sealed.</param>
internal readonly record struct OpenedUpload(SealedBlob Blob);

/// <summary>
/// Patches and logs of sealed leases (coordinator-and-mesh 6): the agent sends them encrypted, each under a key of its own that travels in the sealed report. They are opened here, before the report counts,
/// and stored under the digest of what they are.
/// </summary>
internal sealed class SealedUploads(BlobStore blobs) : IDisposable
{
    private const int TagBytes = 16;

    // A blob and its copy are in memory while it is opened.
    private readonly SemaphoreSlim _room = new(2);

    /// <summary>Opens and stores what a report names. What was never sent is left out: the verifier misses it, and says so.</summary>
    /// <exception cref="Refusal">400 <c>plaintext_not_allowed</c>: a patch or log without a key; <c>envelope_decrypt_failed</c>: one that its key does not open.</exception>
    public async Task<IReadOnlyList<OpenedUpload>> OpenAsync(ResultReport report, CancellationToken cancellationToken)
    {
        List<OpenedUpload> opened = [];
        foreach (var digest in new[] { report.PatchDigest, report.LogsDigest }.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            var blob = report.Blobs?.FirstOrDefault(named => named?.Digest == digest)
                ?? throw new Refusal(400, "plaintext_not_allowed", "The work of this lease was sealed; send its patch and logs sealed too, with their keys in the sealed report.");
            if (await OpenAsync(blob, cancellationToken))
            {
                opened.Add(new(blob));
            }
        }

        return opened;
    }

    /// <summary>Notes in the report's transaction who has sent them. The sealed copies are nobody's any more.</summary>
    public static void Keep(IStoreBatch batch, IReadOnlyList<OpenedUpload> opened, string agentId, long nowMs)
    {
        foreach (var upload in opened)
        {
            BlobRecords.Hold(batch, upload.Blob.Digest, upload.Blob.Size, BlobRecords.Agent(agentId), nowMs);
            batch.Execute("DELETE FROM blob_holders WHERE sha256 = $1 AND holder = $2", upload.Blob.SealedDigest, BlobRecords.Agent(agentId));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();

    private async Task<bool> OpenAsync(SealedBlob blob, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        try
        {
            if (!BlobStore.IsDigest(blob.Digest) || await blobs.ReadBytesAsync(blob.SealedDigest, (int)BlobStore.MostBytes + TagBytes, cancellationToken) is not { } hidden)
            {
                return false;
            }

            var bytes = BlobSealer.Open(blob, hidden) ?? throw new Refusal(400, "envelope_decrypt_failed", "A blob of the sealed result does not open with the key that the report gives.");
            await blobs.PutBytesAsync(bytes, cancellationToken);
            return true;
        }
        finally
        {
            _room.Release();
        }
    }
}
