using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Planning;

/// <summary>Why a snapshot could not be made a blob: the task fails with its code.</summary>
internal sealed class SnapshotFault(string code, string detail) : Exception(detail)
{
    /// <summary><c>snapshot_unavailable</c> or <c>snapshot_digest_mismatch</c>.</summary>
    public string Code { get; } = code;
}

/// <summary>
/// Fetches a snapshot once, before any lease (coordinator-and-mesh 4.1): https only, of limited size, from public addresses only. The address that was
/// checked is the one that is connected to, and redirects are not followed, so that no name leads into the operator's network.
/// </summary>
internal sealed class SnapshotFetch : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private readonly BlobStore _blobs;
    private readonly HttpClient _http;

    /// <summary>Fetches into a store. <paramref name="handler"/> is for tests; by default only public addresses are reached.</summary>
    public SnapshotFetch(BlobStore blobs, HttpMessageHandler? handler = null)
    {
        _blobs = blobs;
        _http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectCallback = ConnectAsync }) { Timeout = Limit };
    }

    /// <summary>The digest of the blob that an address gives.</summary>
    /// <param name="url">Where.</param>
    /// <param name="expectedSha256">What it must hash to; null when the submitter did not say.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<(string Sha256, long Length)> FetchAsync(string url, string? expectedSha256, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps)
        {
            throw new SnapshotFault("snapshot_unavailable", "A snapshot is fetched over https only.");
        }

        try
        {
            using var answer = await _http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!answer.IsSuccessStatusCode || answer.Content.Headers.ContentLength > BlobStore.MostBytes)
            {
                throw new SnapshotFault("snapshot_unavailable", "The address of the snapshot does not give it, or it is too large.");
            }

            await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
            return await StoreAsync(stream, expectedSha256, cancellationToken);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or SocketException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new SnapshotFault("snapshot_unavailable", "The address of the snapshot did not answer.");
        }
    }

    /// <summary>Whether an address is one of the public internet: no loopback, private, link-local, shared, multicast or reserved one.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily is AddressFamily.InterNetworkV6)
        {
            // Only global unicast, 2000::/3, without the ranges that carry other networks in them.
            var bytes6 = address.GetAddressBytes();
            return (bytes6[0] & 0xE0) == 0x20 && !(bytes6[0] == 0x20 && bytes6[1] is 0x02) && !(bytes6[0] == 0x20 && bytes6[1] is 0x01 && bytes6[2] == 0 && bytes6[3] == 0);
        }

        var bytes = address.GetAddressBytes();
        return (bytes[0], bytes[1]) switch
        {
            (0 or 10 or 127, _) or (>= 224, _) => false,
            (100, >= 64 and <= 127) or (169, 254) or (172, >= 16 and <= 31) or (192, 168) or (198, 18 or 19) => false,
            (192, 0) => bytes[2] is not (0 or 2),
            (198, 51) => bytes[2] is not 100,
            (203, 0) => bytes[2] is not 113,
            _ => true,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        if (addresses.Length == 0 || !Array.TrueForAll(addresses, IsPublic))
        {
            throw new HttpRequestException("The name leads to an address that is not public.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // The store takes bytes by their digest, so what has none yet is hashed on its way to a file first.
    private async Task<(string Sha256, long Length)> StoreAsync(Stream stream, string? expectedSha256, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 65_536, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[65_536];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (file.Length + read > BlobStore.MostBytes)
            {
                throw new SnapshotFault("snapshot_unavailable", "The snapshot is too large.");
            }

            hash.AppendData(buffer.AsSpan(0, read));
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (expectedSha256 is not null && expectedSha256 != digest)
        {
            throw new SnapshotFault("snapshot_digest_mismatch", "The snapshot's bytes are not those that snapshotSha256 names.");
        }

        file.Position = 0;
        return (digest, await _blobs.PutAsync(file, digest, BlobStore.MostBytes, cancellationToken));
    }
}
