namespace EdgeCoder.Coordinator.Composition;

/// <summary>The coordinator's data directory: for its owner only. With a store of its own in it, for one process at a time; silos of one server share it.</summary>
internal static class DataDirectory
{
    /// <summary>
    /// Makes the directory and takes it. The lock ends with the process, however that ends. Shared or not excludes the other: a coordinator with SQLite never
    /// works beside silos of PostgreSQL on the same key and blobs.
    /// </summary>
    /// <param name="path">The directory.</param>
    /// <param name="shared">Whether the rows are on a server, so that other silos may use the directory too.</param>
    /// <exception cref="IOException">Another process has it.</exception>
    public static FileStream Take(string path, bool shared)
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
            return new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, shared ? FileAccess.Read : FileAccess.ReadWrite, shared ? FileShare.Read : FileShare.None);
        }
        catch (IOException fault)
        {
            throw new IOException(
                shared
                    ? $"A coordinator without DATABASE_URL works in {path}. End it: silos share a directory only with silos of the same database."
                    : $"Another coordinator works in {path}. End it, or give this one another EDGECODER_DATA_DIR.",
                fault);
        }
    }
}
