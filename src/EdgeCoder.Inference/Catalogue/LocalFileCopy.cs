using System.Security.Cryptography;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>A copy of a file on its way into the store: written beside it, hashed as it is written, and gone again unless it is moved into place.</summary>
internal sealed class LocalFileCopy : IDisposable
{
    private const int PieceBytes = 1 << 20;
    private readonly string _path;

    public LocalFileCopy(StoreLayout layout)
    {
        _path = Path.Combine(layout.Root, "partial", $"{Guid.NewGuid():n}.copy");
        StoreLayout.MakeParent(_path);
    }

    public async Task<(ModelDigest Digest, long SizeBytes, GgufHeader Header)> TakeAsync(
        string source, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await using var input = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
            var header = GgufHeader.Read(input);
            DiskSpace.Require(_path, input.Length);

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var output = new FileStream(_path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
            var piece = new byte[PieceBytes];
            long done = 0;
            int read;
            while ((read = await input.ReadAsync(piece, cancellationToken).ConfigureAwait(false)) > 0)
            {
                hash.AppendData(piece, 0, read);
                await output.WriteAsync(piece.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                done += read;
                progress?.Report(new(Path.GetFileName(source), "copying", done, input.Length));
            }

            output.Flush(flushToDisk: true);
            return (ModelDigest.FromHash(hash.GetHashAndReset()), done, header);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new ModelException("model_file_unreadable", $"{source} cannot be read: {e.Message}", "Name a GGUF file that you may read.", e);
        }
        catch (IOException e) when (DiskSpace.IsFull(e))
        {
            throw DiskSpace.Full(_path, e);
        }
    }

    public void MoveTo(string place)
    {
        StoreLayout.MakeParent(place);
        File.Move(_path, place, overwrite: true);
    }

    public void Dispose() => File.Delete(_path);
}
