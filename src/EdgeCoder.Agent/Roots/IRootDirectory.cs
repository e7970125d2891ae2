using Microsoft.Win32.SafeHandles;

namespace EdgeCoder.Agent.Roots;

/// <summary>
/// An open directory. Every operation is on one name in it, never follows a link, and throws <see cref="IOException"/> when the system refuses. The other
/// side is the operating system: Linux by descriptors, others by paths.
/// </summary>
internal interface IRootDirectory : IDisposable
{
    /// <summary>What the name is; null when there is nothing.</summary>
    EntryState? Look(string name);

    /// <summary>Where a link points, as it is written.</summary>
    string ReadLink(string name);

    /// <summary>Opens a directory; null when the name is none (any more).</summary>
    IRootDirectory? OpenDirectory(string name);

    /// <summary>Opens a directory several segments below in one operation that follows no link; null when it cannot, for whatever reason.</summary>
    IRootDirectory? OpenBelow(string path);

    /// <summary>Opens a regular file to read; null when the name is none (any more). Never waits for a pipe.</summary>
    /// <param name="name">The name.</param>
    /// <param name="state">What was opened.</param>
    SafeFileHandle? OpenFile(string name, out EntryState state);

    /// <summary>Creates a file to write; the name must be free.</summary>
    /// <param name="name">The name.</param>
    /// <param name="mode">Its permission bits; null for the usual ones.</param>
    SafeFileHandle CreateFile(string name, int? mode);

    /// <summary>Creates a symbolic link; the name must be free.</summary>
    void CreateLink(string name, string target);

    /// <summary>Creates a directory, unless there is one.</summary>
    void CreateDirectory(string name);

    /// <summary>Gives an entry a new name in this directory, which must be free; false when it is not.</summary>
    bool Rename(string name, string newName);

    /// <summary>Two entries change names in one step; false where the system cannot do that.</summary>
    bool Exchange(string name, string other);

    /// <summary>Renames over what is there.</summary>
    void RenameOver(string name, string newName);

    /// <summary>Removes a file or link.</summary>
    void Delete(string name);

    /// <summary>Removes a directory when it is empty.</summary>
    void DeleteEmptyDirectory(string name);

    /// <summary>Its entries, in no order.</summary>
    List<DirectoryEntry> Entries();
}
