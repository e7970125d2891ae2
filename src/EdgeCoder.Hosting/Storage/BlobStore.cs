using System.Buffers;
using System.Security.Cryptography;
using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// Content-addressed files (ARCHITECTURE 2): snapshots, patches, logs. A blob is named by its SHA-256 and there whole or not at all: it is hashed while it
/// is written beside its place, brought to disk, and only then gets its name. It is hashed again before each read. Who may read is not known here.
/// </summary>
public sealed class BlobStore
{
    /// <summary>Largest blob, in bytes (coordinator-and-mesh 1).</summary>
    public const long MostBytes = 256L * 1024 * 1024;

    private const int BufferBytes = 128 * 1024;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerFile | UnixFileMode.UserExecute;

    private readonly string _directory;
    private readonly string _unfinished;

    /// <param name="dataDirectory">Blobs are in its folder <c>blobs</c>. Several silos share one directory.</param>
    public BlobStore(string dataDirectory)
    {
        _directory = Path.Combine(dataDirectory, "blobs");
        _unfinished = Path.Combine(_directory, "unfinished");
        Make(_unfinished);
    }

    /// <summary>Whether a text is a name: 64 lower-case hex digits.</summary>
    public static bool IsDigest(string? sha256) => sha256 is { Length: 64 } && sha256.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0;

    /// <summary>Stores what a stream gives, and gives its length. A blob that is there already is written again: that repairs a damaged one.</summary>
    /// <param name="content">Read to its end.</param>
    /// <param name="expectedSha256">What it must hash to.</param>
    /// <param name="limit">Most bytes, at most <see cref="MostBytes"/>.</param>
    /// <param name="cancellationToken">Gives up; nothing is stored.</param>
    /// <exception cref="Refusal">400 <c>validation_failed</c>, 400 <c>blob_digest_mismatch</c>, 413 <c>payload_too_large</c>.</exception>
    public async Task<long> PutAsync(Stream content, string expectedSha256, long limit, CancellationToken cancellationToken)
    {
        var path = PathOf(expectedSha256);
        limit = Math.Min(limit, MostBytes);
        var unfinished = Path.Combine(_unfinished, Guid.NewGuid().ToString("N"));
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long length = 0;
            await using (var file = new FileStream(unfinished, New()))
            {
                for (int read; (read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
                {
                    length += read;
                    if (length > limit)
                    {
                        throw new Refusal(413, "payload_too_large", $"A blob has at most {limit:N0} bytes here. Split it, or leave out what the work does not need.");
                    }

                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                }

                if (!string.Equals(Convert.ToHexStringLower(hash.GetHashAndReset()), expectedSha256, StringComparison.Ordinal))
                {
                    throw new Refusal(400, "blob_digest_mismatch", "The bytes that arrived do not hash to the digest in the path. Send them again; if that fails too, compute the SHA-256 of exactly what is sent.");
                }

                file.Flush(flushToDisk: true);
                Make(Path.GetDirectoryName(path)!);
                File.Move(unfinished, path, overwrite: true);

                // The new name belongs to the file's metadata by now, and goes to disk with it.
                file.Flush(flushToDisk: true);
            }

            return length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            File.Delete(unfinished);
        }
    }

    /// <summary>Stores bytes and gives their digest.</summary>
    public async Task<string> PutBytesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        await using var content = new MemoryStream(bytes.ToArray(), writable: false);
        await PutAsync(content, sha256, MostBytes, cancellationToken).ConfigureAwait(false);
        return sha256;
    }

    /// <summary>Whether there is a file of that name; its content is judged by <see cref="Open"/>.</summary>
    public bool Exists(string sha256) => IsDigest(sha256) && File.Exists(PathOf(sha256));

    /// <summary>Opens a blob whose content was just checked; null when there is none.</summary>
    /// <exception cref="Refusal">503 <c>blob_damaged</c>: the disk gives other bytes than were stored. It is set aside, so that it can be stored anew.</exception>
    public Stream? Open(string sha256)
    {
        if (!IsDigest(sha256))
        {
            return null;
        }

        var path = PathOf(sha256);
        FileStream file;
        try
        {
            file = new(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.Read | FileShare.Delete, BufferSize = 0, Options = FileOptions.SequentialScan | FileOptions.Asynchronous });
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        try
        {
            if (string.Equals(Convert.ToHexStringLower(SHA256.HashData(file)), sha256, StringComparison.Ordinal))
            {
                file.Position = 0;
                return file;
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        file.Dispose();
        File.Move(path, Path.Combine(_unfinished, "damaged-" + sha256), overwrite: true);
        throw new Refusal(503, "blob_damaged", $"The stored blob {sha256} no longer has its content. Store it again, and check the disk of the data directory.");
    }

    /// <summary>Reads a whole blob; null when there is none.</summary>
    /// <exception cref="Refusal">503 <c>blob_damaged</c>, 413 <c>payload_too_large</c>.</exception>
    public async Task<byte[]?> ReadBytesAsync(string sha256, int limit, CancellationToken cancellationToken)
    {
        await using var content = Open(sha256);
        if (content is null)
        {
            return null;
        }

        if (content.Length > limit)
        {
            throw new Refusal(413, "payload_too_large", $"The blob {sha256} has {content.Length:N0} bytes; at most {limit:N0} are taken here.");
        }

        var bytes = new byte[content.Length];
        await content.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        return bytes;
    }

    /// <summary>Names of the blobs that were last written before a moment.</summary>
    public IReadOnlyList<string> WrittenBefore(DateTimeOffset before) =>
    [
        .. Directory.EnumerateDirectories(_directory).Where(folder => folder != _unfinished).SelectMany(Directory.EnumerateFiles)
            .Where(file => IsDigest(Path.GetFileName(file)) && File.GetLastWriteTimeUtc(file) < before.UtcDateTime).Select(file => Path.GetFileName(file)),
    ];

    /// <summary>Removes a blob that was last written before a moment; false when there is none, or it was stored anew meanwhile and stays.</summary>
    public bool Remove(string sha256, DateTimeOffset before)
    {
        var (path, aside) = (PathOf(sha256), Path.Combine(_unfinished, "removed-" + sha256));
        try
        {
            File.Move(path, aside, overwrite: true);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }

        // Between the look and the move somebody may have stored it again: what was taken away is then as good as what is there.
        if (File.GetLastWriteTimeUtc(aside) >= before.UtcDateTime)
        {
            File.Move(aside, path, overwrite: true);
            return false;
        }

        File.Delete(aside);
        return true;
    }

    /// <summary>Removes what killed uploads left, and damaged blobs set aside, last written before a moment.</summary>
    public void RemoveUnfinished(DateTimeOffset before)
    {
        foreach (var file in Directory.EnumerateFiles(_unfinished).Where(file => File.GetLastWriteTimeUtc(file) < before.UtcDateTime).ToList())
        {
            File.Delete(file);
        }
    }

    private static FileStreamOptions New()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerFile;
        }

        return options;
    }

    private static void Make(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerDirectory);
        }
    }

    private string PathOf(string sha256) => IsDigest(sha256)
        ? Path.Combine(_directory, sha256[..2], sha256)
        : throw Refusal.Invalid([new("sha256", "64 lower-case hex digits")]);
}
