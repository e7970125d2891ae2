using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Roots.Native;
using Microsoft.Win32.SafeHandles;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>
/// The person's files, reached from the root's open handle and never through a link (agent-executor-models 2.1): what is looked at and what is renamed is in
/// the same directory, whatever becomes of its path.
/// </summary>
internal sealed class PersonFiles : IDisposable
{
    private readonly IRootDirectory _root;

    /// <summary>Opens them.</summary>
    /// <param name="root">The root, as a real path.</param>
    public PersonFiles(string root) => _root = LinuxCalls.Known ? LinuxDirectory.Open(root) : new PathDirectory(root);

    /// <summary>What is at a place.</summary>
    public FileState State(string path) => Within(path, StateOf) ?? (IsBlocked(path) ? FileState.Other : FileState.Absent);

    /// <summary>What has a name in a directory.</summary>
    public static FileState StateOf(IRootDirectory directory, string name)
    {
        switch (directory.Look(name))
        {
            case null:
                return FileState.Absent;
            case { Kind: EntryKind.Link }:
                return new FileState(FileStateKind.Link, Hash(Encoding.UTF8.GetBytes(directory.ReadLink(name))));
            case { Kind: EntryKind.File } when directory.OpenFile(name, out var file) is { } handle:
                using (handle)
                {
                    return new FileState(FileStateKind.File, Hash(handle), (file.Mode & (int)UnixFileMode.UserExecute) != 0);
                }

            default:
                return FileState.Other;
        }
    }

    /// <summary>Does something with a name in the directory where it lies; default when that directory is not there.</summary>
    public T? Within<T>(string path, Func<IRootDirectory, string, T> use)
    {
        var slash = path.LastIndexOf('/');
        if (slash < 0)
        {
            return use(_root, path);
        }

        using var parent = Open(path[..slash]);
        return parent is null ? default : use(parent, path[(slash + 1)..]);
    }

    /// <summary>Whether something that is no directory, a link for instance, stands where a directory must be.</summary>
    public bool IsBlocked(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            switch (Within(path[..slash], (directory, name) => directory.Look(name)?.Kind))
            {
                case null:
                    return false;
                case not EntryKind.Directory:
                    return true;
            }
        }

        return false;
    }

    /// <summary>Directories that are missing above a place, outer ones first.</summary>
    public IEnumerable<string> MissingParents(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            if (Within(path[..slash], (directory, name) => directory.Look(name)?.Kind) != EntryKind.Directory)
            {
                yield return path[..slash];
            }
        }
    }

    /// <summary>Makes a directory; its parent is there.</summary>
    public void MakeDirectory(string path) => Within(path, (directory, name) =>
    {
        directory.CreateDirectory(name);
        return true;
    });

    /// <summary>Removes a directory when it is empty.</summary>
    public void RemoveEmpty(string path) => Within(path, (directory, name) =>
    {
        if (directory.Look(name) is { Kind: EntryKind.Directory })
        {
            directory.DeleteEmptyDirectory(name);
        }

        return true;
    });

    /// <summary>Removes directories that have become empty, from a place upwards, never the root.</summary>
    public void RemoveEmptyParents(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            RemoveEmpty(path[..slash]);
        }
    }

    /// <summary>Writes a file or link from elsewhere under a new name, on the disk when this returns.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The name; must be free.</param>
    /// <param name="source">Full path of what is copied.</param>
    /// <param name="mode">Permission bits that it gets; null: those of a new file.</param>
    /// <param name="executable">Whether it may be executed.</param>
    public static void Copy(IRootDirectory directory, string name, string source, int? mode, bool executable)
    {
        if (new FileInfo(source).LinkTarget is { } target)
        {
            directory.CreateLink(name, target);
            return;
        }

        using var from = File.OpenHandle(source);
        using var to = directory.CreateFile(name, mode);
        Copy(from, to);
        RandomAccess.FlushToDisk(to);
        if (!OperatingSystem.IsWindows())
        {
            var bits = (int)File.GetUnixFileMode(to);
            // Who may read it may execute it, as git and tar do.
            File.SetUnixFileMode(to, (UnixFileMode)(executable ? bits | ((bits & 0b100_100_100) >> 2) : bits & ~0b001_001_001));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private IRootDirectory? Open(string path)
    {
        if (_root.OpenBelow(path) is { } direct)
        {
            return direct;
        }

        IRootDirectory? at = null;
        foreach (var name in path.Split('/'))
        {
            var next = (at ?? _root).OpenDirectory(name);
            at?.Dispose();
            if (next is null)
            {
                return null;
            }

            at = next;
        }

        return at;
    }

    private static void Copy(SafeFileHandle from, SafeFileHandle to)
    {
        var buffer = new byte[1 << 16];
        for (long at = 0; RandomAccess.Read(from, buffer, at) is var read and > 0; at += read)
        {
            RandomAccess.Write(to, buffer.AsSpan(0, read), at);
        }
    }

    private static string Hash(SafeFileHandle file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        for (long at = 0; RandomAccess.Read(file, buffer, at) is var read and > 0; at += read)
        {
            hash.AppendData(buffer.AsSpan(0, read));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
