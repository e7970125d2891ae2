using Microsoft.Win32.SafeHandles;

namespace EdgeCoder.Agent.Roots;

/// <summary>
/// A directory by its path, where the system offers .NET no operations on open directories: every step is checked for links right before it is taken, so a
/// program that swaps directories at the same moment is not kept out as it is on Linux. Compiles and passes its contract on Linux; untested elsewhere.
/// </summary>
internal sealed class PathDirectory(string path) : IRootDirectory
{
    /// <inheritdoc/>
    public EntryState? Look(string name)
    {
        var info = new FileInfo(At(name));
        FileSystemInfo found = info.Exists || info.LinkTarget is not null ? info : new DirectoryInfo(info.FullName);
        if (!found.Exists && found.LinkTarget is null)
        {
            return null;
        }

        var kind = found.LinkTarget is not null || found.Attributes.HasFlag(FileAttributes.ReparsePoint) ? EntryKind.Link
            : found.Attributes.HasFlag(FileAttributes.Directory) ? EntryKind.Directory
            : found.Attributes.HasFlag(FileAttributes.Device) ? EntryKind.Special : EntryKind.File;
        var modified = (found.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * 100;
        var mode = OperatingSystem.IsWindows() ? 0 : (int)found.UnixFileMode;
        return new(kind, 0, 0, kind == EntryKind.File ? info.Length : 0, modified, mode);
    }

    /// <inheritdoc/>
    public string ReadLink(string name) =>
        new FileInfo(At(name)).LinkTarget?.Replace('\\', '/') ?? throw new IOException($"{name} is no link that can be read.");

    /// <inheritdoc/>
    public IRootDirectory? OpenDirectory(string name) => Look(name) is { Kind: EntryKind.Directory } ? new PathDirectory(At(name)) : null;

    /// <inheritdoc/>
    public IRootDirectory? OpenBelow(string path) => null;

    /// <inheritdoc/>
    public SafeFileHandle? OpenFile(string name, out EntryState state)
    {
        state = Look(name) ?? default;
        return Look(name) is { Kind: EntryKind.File } ? File.OpenHandle(At(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) : null;
    }

    /// <inheritdoc/>
    public SafeFileHandle CreateFile(string name, int? mode)
    {
        var file = File.OpenHandle(At(name), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        if (mode is { } bits && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, (UnixFileMode)bits);
        }

        return file;
    }

    /// <inheritdoc/>
    public void CreateLink(string name, string target) => File.CreateSymbolicLink(At(name), target);

    /// <inheritdoc/>
    public void CreateDirectory(string name) => Directory.CreateDirectory(At(name));

    /// <inheritdoc/>
    public bool Rename(string name, string newName)
    {
        if (Look(newName) is not null)
        {
            return false;
        }

        File.Move(At(name), At(newName), overwrite: false);
        return true;
    }

    /// <inheritdoc/>
    public bool Exchange(string name, string other) => false;

    /// <inheritdoc/>
    public void RenameOver(string name, string newName) => File.Move(At(name), At(newName), overwrite: true);

    /// <inheritdoc/>
    public void Delete(string name) => File.Delete(At(name));

    /// <inheritdoc/>
    public void DeleteEmptyDirectory(string name)
    {
        if (Directory.Exists(At(name)) && !Directory.EnumerateFileSystemEntries(At(name)).Any())
        {
            Directory.Delete(At(name));
        }
    }

    /// <inheritdoc/>
    public List<DirectoryEntry> Entries() =>
        [.. from entry in new DirectoryInfo(path).EnumerateFileSystemInfos()
            let state = Look(entry.Name)
            where state is not null
            select new DirectoryEntry(entry.Name, state.Value.Kind, true)];

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private string At(string name) => Path.Combine(path, name);
}
