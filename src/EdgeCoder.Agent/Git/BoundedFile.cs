using EdgeCoder.Agent.Repositories;

namespace EdgeCoder.Agent.Git;

/// <summary>Small files of a repository, read with a bound: a project may put anything in their place.</summary>
internal static class BoundedFile
{
    /// <summary>The content of a regular file. Throws <see cref="RepositoryException"/> for anything else and for one that is too large.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Most bytes.</param>
    public static byte[] Read(string path, int most)
    {
        var info = new FileInfo(path);
        if (info.LinkTarget is not null || (info.Attributes & (FileAttributes.Device | FileAttributes.Directory)) != 0 || info.Length > most)
        {
            throw new RepositoryException("repository_unsupported", $"{path} is not a regular file of at most {most >> 10} KiB.", "Repair the repository (git fsck).");
        }

        return File.ReadAllBytes(path);
    }
}
