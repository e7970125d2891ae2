using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Protocol.Releases;

/// <summary>
/// The hash of a program's files (economy-and-ledger 16.4): SHA-256 over path ‖ 0x00 ‖ hex(SHA-256(content)) ‖ LF of each file, paths with <c>/</c> and sorted by
/// UTF-16 code unit. A link is an error: what it leads to is not what was signed.
/// </summary>
public static class ReleaseTree
{
    /// <summary>The hash, lower-case hex. The manifest and its signature at the root of the tree are not part of it.</summary>
    /// <param name="directory">Root of the tree.</param>
    /// <exception cref="ReleaseException"><c>link_in_tree</c>.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string HashOf(string directory)
    {
        var root = new DirectoryInfo(directory);
        var paths = new List<(string Path, FileInfo File)>();
        Collect(root, "", paths);
        paths.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        using var outer = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, file) in paths)
        {
            using var content = file.OpenRead();
            outer.AppendData(Encoding.UTF8.GetBytes($"{path}\0{Convert.ToHexStringLower(SHA256.HashData(content))}\n"));
        }

        return Convert.ToHexStringLower(outer.GetHashAndReset());
    }

    private static void Collect(DirectoryInfo directory, string prefix, List<(string Path, FileInfo File)> paths)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos())
        {
            var path = prefix + entry.Name;
            if (entry.LinkTarget is not null || entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                throw new ReleaseException("link_in_tree", $"{path} is a link; a release has none.");
            }

            if (entry is DirectoryInfo inner)
            {
                Collect(inner, path + "/", paths);
            }
            else if (path is not (ReleaseManifest.FileName or ReleaseManifest.SignatureFileName))
            {
                paths.Add((path, (FileInfo)entry));
            }
        }
    }
}
