using EdgeCoder.Executor.Interpreters;

namespace EdgeCoder.Executor.Isolation;

/// <summary>Which files of this machine programs may read, the same for every back-end: pure but for looking at which of the system's directories exist.</summary>
internal static class SandboxFiles
{
    /// <summary>Where runner files are, read-only.</summary>
    public const string RunnerDirectory = "/edgecoder";

    /// <summary>The only devices.</summary>
    public static IReadOnlyList<string> Devices { get; } = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"];

    private static readonly string[] LibraryRoots = ["/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/lib", "/lib32", "/lib64", "/libx32"];

    // Time zones for zoneinfo, the loader's cache, and the modules that Debian's node keeps outside its binary.
    private static readonly string[] Optional = ["/usr/share/zoneinfo", "/etc/ld.so.cache", "/usr/share/nodejs"];

    /// <summary>The library directories, what else every interpreter needs, and what this one reads; nothing twice.</summary>
    public static IReadOnlyList<SandboxMount> For(Interpreter interpreter)
    {
        var mounts = new List<SandboxMount>();
        foreach (var root in LibraryRoots)
        {
            var directory = new DirectoryInfo(root);
            if (directory.LinkTarget is { } target)
            {
                mounts.Add(new(root, MountKind.Link, target));
            }
            else if (directory.Exists)
            {
                mounts.Add(new(root, MountKind.Directory));
            }
        }

        foreach (var path in Optional.Where(Path.Exists).Concat(interpreter.Reads))
        {
            // What lies below a library directory, or below a link to one, is there already.
            if (!mounts.Exists(mount => path == mount.Path || path.StartsWith(mount.Path + "/", StringComparison.Ordinal)))
            {
                mounts.Add(new(path, Directory.Exists(path) ? MountKind.Directory : MountKind.File));
            }
        }

        return mounts;
    }
}
