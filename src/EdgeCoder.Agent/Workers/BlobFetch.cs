using System.Security.Cryptography;
using EdgeCoder.Protocol.Blobs;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Agent.Workers;

/// <summary>Fetches blobs of a lease: encrypted under its own keys where it is sealed, and checked by hash in any case (coordinator-and-mesh 6).</summary>
internal static class BlobFetch
{
    private const int TagSize = 16;

    /// <summary>
    /// The blob in memory; null when its bytes are not those that its digest names. Throws <see cref="Coordinators.CoordinatorFault"/> when it cannot be had.
    /// </summary>
    public static async Task<byte[]?> BytesAsync(WorkOrder order, string digest, long limit, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream();
        return await IntoAsync(order, digest, stream, limit, cancellationToken).ConfigureAwait(false) ? stream.ToArray() : null;
    }

    /// <summary>The same into an empty stream that can seek; false when the bytes are not those that the digest names.</summary>
    public static async Task<bool> IntoAsync(WorkOrder order, string digest, Stream destination, long limit, CancellationToken cancellationToken)
    {
        var keyed = order.Subtask.Blobs?.FirstOrDefault(blob => blob.Digest == digest);
        await order.Coordinator.GetBlobAsync(keyed?.SealedDigest ?? digest, destination, limit + TagSize, cancellationToken).ConfigureAwait(false);
        if (keyed is not null)
        {
            return await OpenAsync(keyed, destination, cancellationToken).ConfigureAwait(false);
        }

        return await HashAsync(destination, cancellationToken).ConfigureAwait(false) == digest;
    }

    private static async Task<bool> OpenAsync(SealedBlob blob, Stream stream, CancellationToken cancellationToken)
    {
        var hidden = new byte[stream.Length];
        stream.Position = 0;
        await stream.ReadExactlyAsync(hidden, cancellationToken).ConfigureAwait(false);
        if (BlobSealer.Open(blob, hidden) is not { } open)
        {
            return false;
        }

        stream.SetLength(0);
        await stream.WriteAsync(open, cancellationToken).ConfigureAwait(false);
        stream.Position = 0;
        return true;
    }

    private static async Task<string> HashAsync(Stream stream, CancellationToken cancellationToken)
    {
        stream.Position = 0;
        var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
        stream.Position = 0;
        return digest;
    }
}
