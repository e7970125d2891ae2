using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>Room on the disk of the store.</summary>
internal static class DiskSpace
{
    /// <summary>Kept free beyond the file itself, so that the machine stays usable: 64 MiB.</summary>
    public const long Reserve = 64L << 20;

    // ENOSPC and EDQUOT as .NET hands them on; ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>Free bytes for a file at this path. The nearest existing directory decides.</summary>
    public static long Free(string path)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path));
        while (directory is not null && !Directory.Exists(directory))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return new DriveInfo(directory ?? Path.GetPathRoot(Path.GetFullPath(path))!).AvailableFreeSpace;
    }

    /// <summary>Throws <c>disk_full</c> when a file of this size has no room.</summary>
    public static void Require(string path, long bytes) => Require(path, bytes, Free(path));

    /// <summary>The same with the free space given.</summary>
    public static void Require(string path, long bytes, long free)
    {
        if (bytes > free - Reserve)
        {
            throw new ModelException(
                "disk_full",
                $"{path} needs {Size(bytes)} and {Size(Reserve)} to spare; {Size(Math.Max(0, free))} are free.",
                "Make room, or put the data elsewhere with EDGECODER_DATA_DIR.");
        }
    }

    public static bool IsFull(IOException e) => e.HResult is NoSpace or QuotaExceeded or WindowsDiskFull or WindowsHandleDiskFull;

    public static ModelException Full(string path, Exception inner) =>
        new("disk_full", $"The disk of {path} became full.", "Make room, or put the data elsewhere with EDGECODER_DATA_DIR. What was fetched so far is kept.", inner);

    private static string Size(long bytes) => bytes < 1L << 30 ? $"{bytes / (double)(1L << 20):0.#} MiB" : $"{bytes / (double)(1L << 30):0.##} GiB";
}
