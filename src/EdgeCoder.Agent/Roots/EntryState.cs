namespace EdgeCoder.Agent.Roots;

/// <summary>What an entry of a directory is.</summary>
internal enum EntryKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link, or a junction.</summary>
    Link,

    /// <summary>A device, socket or pipe: neither read nor written.</summary>
    Special,
}

/// <summary>What the file system says of an entry.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Device">Device; 0 where the system does not tell.</param>
/// <param name="Inode">Number on the device; 0 where the system does not tell.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedNs">When the content changed last, nanoseconds since 1970.</param>
/// <param name="Mode">Permission bits; 0 where there are none.</param>
internal readonly record struct EntryState(EntryKind Kind, ulong Device, ulong Inode, long Size, long ModifiedNs, int Mode)
{
    /// <summary>Whether both are one file, where the system can tell.</summary>
    public bool IsSameFile(EntryState other) => Device == other.Device && Inode == other.Inode;
}

/// <summary>An entry of a directory.</summary>
/// <param name="Name">Its name; one that is not UTF-8 with its odd bytes escaped as <c>\xNN</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Reachable">Whether it can be opened by this name: its name is UTF-8.</param>
internal readonly record struct DirectoryEntry(string Name, EntryKind Kind, bool Reachable);
