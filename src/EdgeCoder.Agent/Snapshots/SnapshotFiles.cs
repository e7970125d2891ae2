namespace EdgeCoder.Agent.Snapshots;

/// <summary>Files of an unpacked tree.</summary>
internal static class SnapshotFiles
{
    private const UnixFileMode Ordinary = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Creates a file; the name must be free.</summary>
    public static FileStream Create(string path, bool executable)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = executable ? Ordinary | Execute : Ordinary;
        }

        return new FileStream(path, options);
    }

    /// <summary>Whether its owner may execute a file.</summary>
    public static bool IsExecutable(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0;
}
