namespace EdgeCoder.Inference.Catalogue;

/// <summary>One download at a time per digest, among all processes of this machine: a file that is held open for itself alone. The system lets it go when a process dies.</summary>
internal sealed class DigestLock : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(250);
    private readonly FileStream _file;

    private DigestLock(FileStream file) => _file = file;

    /// <summary>Waits for the lock; <paramref name="waiting"/> is called once when somebody else has it.</summary>
    public static async Task<DigestLock> TakeAsync(StoreLayout layout, ModelDigest digest, TimeProvider time, Action waiting, CancellationToken cancellationToken)
    {
        var path = layout.Lock(digest);
        StoreLayout.MakeParent(path);
        var told = false;
        while (true)
        {
            try
            {
                return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (File.Exists(path))
            {
                if (!told)
                {
                    told = true;
                    waiting();
                }

                await Task.Delay(Again, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _file.Dispose();
}
