using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeCoder.Agent.Roots.Native;

/// <summary>The system calls that work on names in an open directory.</summary>
internal static unsafe partial class LinuxCalls
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int Create = 0x40; // O_CREAT
    public const int Exclusive = 0x80; // O_EXCL
    public const int NoTerminal = 0x100; // O_NOCTTY
    public const int NonBlock = 0x800; // O_NONBLOCK
    public const int CloseOnExec = 0x80000; // O_CLOEXEC
    public const int RemoveDirectory = 0x200; // AT_REMOVEDIR
    public const int SymlinkNoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    public const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    public const uint BasicStats = 0x7ff; // STATX_BASIC_STATS
    public const uint RenameNoReplace = 1;
    public const uint RenameExchange = 2;
    public const ulong ResolveNoMagicLinks = 2;
    public const ulong ResolveNoSymlinks = 4;
    public const ulong ResolveBeneath = 8;

    public const int ErrorNoEntry = 2;
    public const int ErrorInterrupted = 4;
    public const int ErrorNoDevice = 6; // ENXIO: a socket, or a pipe with nobody at its other end
    public const int ErrorExists = 17;
    public const int ErrorNotDirectory = 20;
    public const int ErrorIsDirectory = 21;
    public const int ErrorInvalid = 22;
    public const int ErrorNoCall = 38;
    public const int ErrorNotEmpty = 39;
    public const int ErrorLoop = 40;

    private static readonly bool Generic = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64;

    /// <summary>Whether the call numbers of this processor are known.</summary>
    public static bool Known { get; } = OperatingSystem.IsLinux() && (Generic || RuntimeInformation.ProcessArchitecture == Architecture.X64);

    // These two bits differ between the processors.
    public static int OnlyDirectory { get; } = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000; // O_DIRECTORY

    public static int NoFollow { get; } = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000; // O_NOFOLLOW

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenAt(SafeFileHandle directory, string name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeDirectoryAt(SafeFileHandle directory, string name, uint mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int UnlinkAt(SafeFileHandle directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LinkAt(string target, SafeFileHandle directory, string name);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ReadLinkAt(SafeFileHandle directory, string name, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint ReadAt(SafeFileHandle file, byte* buffer, nuint count, long offset);

    public static int StateOf(SafeFileHandle directory, string name, int flags, out FileState state)
    {
        fixed (FileState* target = &state)
        {
            return (int)StateCall(Generic ? 291 : 332, directory, name, flags, BasicStats, target);
        }
    }

    public static int OpenBeneath(SafeFileHandle directory, string path, OpenHow how) => (int)OpenCall(437, directory, path, &how, (nuint)sizeof(OpenHow));

    public static int Entries(SafeFileHandle directory, byte* buffer, int size) => (int)EntriesCall(Generic ? 61 : 217, directory, buffer, (nuint)size);

    public static int RenameAt(SafeFileHandle directory, string name, string newName, uint flags) => (int)RenameCall(Generic ? 276 : 316, directory, name, directory, newName, flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint StateCall(nint number, SafeFileHandle directory, string name, nint flags, nuint mask, FileState* state);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenCall(nint number, SafeFileHandle directory, string path, OpenHow* how, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint EntriesCall(nint number, SafeFileHandle directory, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RenameCall(nint number, SafeFileHandle directory, string name, SafeFileHandle newDirectory, string newName, nuint flags);
}
