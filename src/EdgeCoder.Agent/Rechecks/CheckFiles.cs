using System.Security.Cryptography;
using EdgeCoder.Agent.Snapshots;

namespace EdgeCoder.Agent.Rechecks;

/// <summary>The check's own files in a tree. No link is followed.</summary>
internal static class CheckFiles
{
    /// <summary>SHA-256 of a regular file; null when there is none under exactly this path.</summary>
    public static string? Digest(string tree, string path)
    {
        var full = Path.Combine(tree, path);
        if (LinkAbove(tree, path) || !File.Exists(full) || new FileInfo(full).LinkTarget is not null)
        {
            return null;
        }

        using var file = File.OpenRead(full);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Puts a file where it belongs, whatever is there; false when a file or link stands where its directory should be.</summary>
    public static bool Restore(string tree, string path, byte[] bytes)
    {
        var full = Path.Combine(tree, path);
        if (LinkAbove(tree, path))
        {
            return false;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        }
        catch (IOException)
        {
            return false;
        }

        if (new DirectoryInfo(full) is { Exists: true, LinkTarget: null })
        {
            return false;
        }

        var executable = File.Exists(full) && new FileInfo(full).LinkTarget is null && SnapshotFiles.IsExecutable(full);
        File.Delete(full);
        using var file = SnapshotFiles.Create(full, executable);
        file.Write(bytes);
        return true;
    }

    private static bool LinkAbove(string tree, string path)
    {
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            if (new DirectoryInfo(Path.Combine(tree, path[..slash])).LinkTarget is not null)
            {
                return true;
            }
        }

        return false;
    }
}
