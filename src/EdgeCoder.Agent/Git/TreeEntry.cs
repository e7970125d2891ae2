using System.Text;

namespace EdgeCoder.Agent.Git;

/// <summary>An entry of a tree.</summary>
/// <param name="Path">Where.</param>
/// <param name="Mode">Six octal digits: 100644, 100755, 120000 (link) or 160000 (submodule).</param>
/// <param name="Id">The object; null for an entry that is to be removed.</param>
internal sealed record TreeEntry(GitPath Path, string Mode, string? Id)
{
    /// <summary>Mode of a submodule.</summary>
    public const string Submodule = "160000";

    /// <summary>Mode of a symbolic link.</summary>
    public const string Link = "120000";

    /// <summary>Mode of an executable file.</summary>
    public const string Executable = "100755";

    /// <summary>Mode of an ordinary file.</summary>
    public const string Ordinary = "100644";

    /// <summary>The line of <c>update-index --index-info</c>.</summary>
    /// <param name="idLength">Digits of an id in this repository.</param>
    public byte[] ToIndexInfo(int idLength) => [.. Encoding.ASCII.GetBytes(Id is null ? $"0 {new string('0', idLength)}\t" : $"{Mode} {Id}\t"), .. Path.Bytes];
}
