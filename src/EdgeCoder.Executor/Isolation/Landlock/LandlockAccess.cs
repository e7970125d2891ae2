namespace EdgeCoder.Executor.Isolation.Landlock;

/// <summary>What Landlock can forbid on files (linux/landlock.h, LANDLOCK_ACCESS_FS_*).</summary>
[Flags]
internal enum LandlockAccess : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Execute a file.</summary>
    Execute = 1 << 0,

    /// <summary>Open a file for writing.</summary>
    WriteFile = 1 << 1,

    /// <summary>Open a file for reading.</summary>
    ReadFile = 1 << 2,

    /// <summary>List a directory.</summary>
    ReadDirectory = 1 << 3,

    /// <summary>Remove an empty directory, or rename one.</summary>
    RemoveDirectory = 1 << 4,

    /// <summary>Remove or rename a file.</summary>
    RemoveFile = 1 << 5,

    /// <summary>Make a character device.</summary>
    MakeCharacterDevice = 1 << 6,

    /// <summary>Make a directory.</summary>
    MakeDirectory = 1 << 7,

    /// <summary>Make a regular file.</summary>
    MakeFile = 1 << 8,

    /// <summary>Make a Unix socket.</summary>
    MakeSocket = 1 << 9,

    /// <summary>Make a named pipe.</summary>
    MakePipe = 1 << 10,

    /// <summary>Make a block device.</summary>
    MakeBlockDevice = 1 << 11,

    /// <summary>Make a symbolic link.</summary>
    MakeLink = 1 << 12,

    /// <summary>Link or rename into another directory; since ABI 2.</summary>
    Refer = 1 << 13,

    /// <summary>Truncate a file; since ABI 3.</summary>
    Truncate = 1 << 14,

    /// <summary>Control a device with ioctl; since ABI 5.</summary>
    ControlDevice = 1 << 15,
}
