namespace EdgeCoder.Coordinator.Composition;

/// <summary>The coordinator's data directory: for its owner only, and for one process at a time.</summary>
internal static class DataDirectory
{
    /// <summary>Makes the directory and takes it. The lock ends with the process, however that ends.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    public static FileStream Take(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        try
        {
            return new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault)
        {
            throw new IOException($"Another coordinator works in {path}. End it, or give this one another EDGECODER_DATA_DIR.", fault);
        }
    }
}
