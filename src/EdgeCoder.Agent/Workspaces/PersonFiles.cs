using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>
/// The person's files, looked at and written place by place (agent-executor-models 2.1): never through a link, and each write is a rename of a whole
/// temporary file over its target.
/// </summary>
/// <param name="root">The root, as a real path.</param>
internal sealed class PersonFiles(string root)
{
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Full path of a place.</summary>
    public string Full(string path) => Path.Combine(root, path.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>What is at a place.</summary>
    /// <param name="path">The place.</param>
    /// <param name="look">Whether a file's content is looked at; else anything there is <see cref="FileStateKind.Other"/>. A pipe in the place of a file would block whoever opens it.</param>
    public FileState State(string path, bool look = true)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            var parent = new DirectoryInfo(Full(path[..slash]));
            if (parent.LinkTarget is not null)
            {
                return FileState.Other;
            }

            if (!parent.Exists)
            {
                return File.Exists(parent.FullName) ? FileState.Other : FileState.Absent;
            }
        }

        return look ? StateOf(Full(path)) : IsThere(Full(path)) ? FileState.Other : FileState.Absent;
    }

    /// <summary>Whether anything is at a full path, a broken link too.</summary>
    public static bool IsThere(string full) => new FileInfo(full) is var info && (info.Exists || info.LinkTarget is not null || Directory.Exists(full));

    /// <summary>What is at a full path.</summary>
    public static FileState StateOf(string full)
    {
        var info = new FileInfo(full);
        if (info.LinkTarget is { } target)
        {
            return new FileState(FileStateKind.Link, Hash(Encoding.UTF8.GetBytes(target)));
        }

        if (!info.Exists)
        {
            return Directory.Exists(full) ? FileState.Other : FileState.Absent;
        }

        if ((info.Attributes & FileAttributes.Device) != 0)
        {
            return FileState.Other;
        }

        using var stream = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
        return new FileState(FileStateKind.File, Convert.ToHexStringLower(SHA256.HashData(stream)), IsExecutable(full));
    }

    /// <summary>Directories that must be made for a place, outer ones first.</summary>
    public IEnumerable<string> MissingParents(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            if (!Directory.Exists(Full(path[..slash])))
            {
                yield return path[..slash];
            }
        }
    }

    /// <summary>Copies a file or link beside its target, on the disk when this returns.</summary>
    /// <param name="source">Full path of what is copied.</param>
    /// <param name="target">Full path of the copy; must not be there.</param>
    /// <param name="like">Full path of the file whose mode it gets; null: that of a new file.</param>
    /// <param name="executable">Whether it may be executed.</param>
    public static void Copy(string source, string target, string? like, bool executable)
    {
        if (new FileInfo(source).LinkTarget is { } link)
        {
            File.CreateSymbolicLink(target, link);
            return;
        }

        using (var from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16))
        using (var to = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
        {
            from.CopyTo(to);
            to.Flush(flushToDisk: true);
        }

        if (!OperatingSystem.IsWindows())
        {
            var mode = File.GetUnixFileMode(like is not null && new FileInfo(like).LinkTarget is null ? like : target);
            // Who may read it may execute it, as git and tar do.
            File.SetUnixFileMode(target, executable ? mode | (UnixFileMode)(((int)mode & 0b100_100_100) >> 2) : mode & ~Execute);
        }
    }

    /// <summary>Removes directories that have become empty, from a place upwards, never the root.</summary>
    public void RemoveEmptyParents(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            var directory = Full(path[..slash]);
            if (!TryRemoveEmpty(directory))
            {
                return;
            }
        }
    }

    /// <summary>Removes a directory when it is empty.</summary>
    public static bool TryRemoveEmpty(string directory)
    {
        try
        {
            if (new DirectoryInfo(directory) is not { Exists: true, LinkTarget: null })
            {
                return false;
            }

            Directory.Delete(directory);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static bool IsExecutable(string full) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(full) & UnixFileMode.UserExecute) != 0;
}
