using System.Diagnostics;

namespace EdgeCoder.Agent.Git;

/// <summary>Files and directories that are open to their owner alone.</summary>
internal static class OwnerOnly
{
    private const UnixFileMode DirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    /// <summary>Creates a directory, and its parents.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, DirectoryMode);
        }
    }

    /// <summary>Writes a file so that after a crash either the old or the new content is there, whole.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = Create(temporary))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>
    /// Holds a lock file until it is disposed, against other threads and other processes; a change of a small file takes no longer than a write, and the end of
    /// a process ends its lock, so whoever waits for five seconds has another fault. Throws <see cref="IOException"/> then.
    /// </summary>
    public static FileStream Lock(string path)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, System.IO.FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            }
            catch (IOException fault) when (fault is not DirectoryNotFoundException && Stopwatch.GetElapsedTime(begun) < LockPatience)
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>Creates a file; it must not be there.</summary>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = System.IO.FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode;
        }

        return new FileStream(path, options);
    }
}
