using System.Runtime.InteropServices;
using EdgeCoder.Executor.Isolation.Native;

namespace EdgeCoder.Executor.Commands.Launching;

/// <summary>Whose a file is.</summary>
internal static unsafe class FileOwner
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint UserAndGroup = 0x8 | 0x10; // STATX_UID, STATX_GID
    private const int StatusBytes = 256; // struct statx
    private const int UserOffset = 20;
    private const int GroupOffset = 24;

    /// <summary>User and group; null for a file that is not there, and for ids beyond what the launcher maps.</summary>
    public static (uint User, uint Group)? Of(string path)
    {
        var status = stackalloc byte[StatusBytes];
        if (Libc.Status(CurrentDirectory, path, NoFollow, UserAndGroup, status) != 0)
        {
            return null;
        }

        var (user, group) = (*(uint*)(status + UserOffset), *(uint*)(status + GroupOffset));
        return user <= int.MaxValue && group <= int.MaxValue ? (user, group) : null;
    }
}
