using System.Runtime.InteropServices;

namespace EdgeCoder.Agent.Roots.Native;

/// <summary><c>struct statx</c> of linux/stat.h; the same on every processor.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileState
{
    [FieldOffset(28)]
    public ushort Mode;

    [FieldOffset(32)]
    public ulong Inode;

    [FieldOffset(40)]
    public ulong Size;

    [FieldOffset(112)]
    public long ModifiedSeconds;

    [FieldOffset(120)]
    public uint ModifiedNanoseconds;

    [FieldOffset(136)]
    public uint DeviceMajor;

    [FieldOffset(140)]
    public uint DeviceMinor;

    /// <summary>What it says.</summary>
    public readonly EntryState ToEntry()
    {
        var kind = (Mode & 0xf000) switch
        {
            0x8000 => EntryKind.File,
            0x4000 => EntryKind.Directory,
            0xa000 => EntryKind.Link,
            _ => EntryKind.Special,
        };
        return new(kind, ((ulong)DeviceMajor << 32) | DeviceMinor, Inode, (long)Size, (ModifiedSeconds * 1_000_000_000) + ModifiedNanoseconds, Mode & 0xfff);
    }
}

/// <summary><c>struct open_how</c> of linux/openat2.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OpenHow
{
    public ulong Flags;
    public ulong Mode;
    public ulong Resolve;
}
