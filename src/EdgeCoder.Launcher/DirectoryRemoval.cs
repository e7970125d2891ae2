using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EdgeCoder.Launcher;

/// <summary>
/// Empties a directory that a hostile program has filled: trees deeper than any path, names that are no text, directories without permissions. What lies in a
/// directory is moved up before the directory is removed, so that nothing is ever deeper than two levels, and no link is followed.
/// </summary>
internal static unsafe class DirectoryRemoval
{
    /// <summary>AT_REMOVEDIR.</summary>
    public const long IsDirectory = 0x200;

    private const long OwnerOnly = 0x1C0; // 0700
    private const int LengthOffset = 16; // struct linux_dirent64: inode, offset, length, type, name
    private const int NameOffset = 19;

    /// <summary>O_DIRECTORY, O_NOFOLLOW and O_CLOEXEC; the first two differ between architectures.</summary>
    public static long OpenDirectory => Kernel.CloseOnExec | (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 | 0x8000 : 0x10000 | 0x20000);

    /// <summary>O_NOFOLLOW and O_CLOEXEC.</summary>
    public static long OpenFile => Kernel.CloseOnExec | (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000);

    /// <summary>Removes what is in a directory; the directory itself stays. What cannot be removed stays, too.</summary>
    public static void Empty(long root)
    {
        var prefix = RandomName.Next();
        var moved = 0;
        bool progress;
        do
        {
            progress = false;
            foreach (var entry in Names(root))
            {
                fixed (byte* name = entry)
                {
                    progress |= Kernel.Call("unlinkat", root, (long)name) >= 0 || Dissolve(root, name, prefix, ref moved);
                }
            }
        }
        while (progress);
    }

    // Moves a directory's directories up, removes its files, then removes it. True when anything changed.
    private static bool Dissolve(long root, byte* name, string prefix, ref int moved)
    {
        Kernel.Call("fchmodat", root, (long)name, OwnerOnly);
        var directory = Kernel.Call("openat", root, (long)name, OpenDirectory);
        if (directory < 0)
        {
            return false;
        }

        var progress = false;
        foreach (var entry in Names(directory))
        {
            fixed (byte* child = entry)
            fixed (byte* target = System.Text.Encoding.ASCII.GetBytes($"{prefix}{moved}\0"))
            {
                if (Kernel.Call("unlinkat", directory, (long)child) >= 0)
                {
                    progress = true;
                    continue;
                }

                // Only who may write in a directory may move it.
                Kernel.Call("fchmodat", directory, (long)child, OwnerOnly);
                if (Kernel.Call("renameat2", directory, (long)child, root, (long)target) >= 0)
                {
                    moved++;
                    progress = true;
                }
            }
        }

        Kernel.Call("close", directory);
        return Kernel.Call("unlinkat", root, (long)name, IsDirectory) >= 0 || progress;
    }

    // Zero-terminated, without the directory itself and the one above.
    private static List<byte[]> Names(long directory)
    {
        var names = new List<byte[]>();
        var buffer = new byte[32 * 1024];
        Kernel.Call("lseek", directory);
        fixed (byte* start = buffer)
        {
            while (Kernel.Call("getdents64", directory, (long)start, buffer.Length) is > 0 and var count)
            {
                for (var at = 0; at < count; at += BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + LengthOffset)))
                {
                    var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(start + at + NameOffset);
                    if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    {
                        names.Add([.. name, 0]);
                    }
                }
            }
        }

        return names;
    }
}
