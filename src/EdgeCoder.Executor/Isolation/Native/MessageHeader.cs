using System.Runtime.InteropServices;

namespace EdgeCoder.Executor.Isolation.Native;

/// <summary><c>struct msghdr</c> (recvmsg(2)) on 64-bit Linux: 56 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    /// <summary>Address; unused on a connected socket.</summary>
    public void* Name;

    /// <summary>Its length.</summary>
    public uint NameLength;

    /// <summary>Where the data is.</summary>
    public IoVector* Vectors;

    /// <summary>How many.</summary>
    public nuint VectorCount;

    /// <summary>Ancillary data.</summary>
    public void* Control;

    /// <summary>Its length.</summary>
    public nuint ControlLength;

    /// <summary>Flags of a received message.</summary>
    public int Flags;

    /// <summary>Bytes of ancillary data with this many descriptors (CMSG_SPACE).</summary>
    public static int ControlBytes(int descriptors) => sizeof(ControlHeader) + ((descriptors * sizeof(int)) + 7 & ~7);
}

/// <summary><c>struct iovec</c>: 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    /// <summary>First byte.</summary>
    public void* Start;

    /// <summary>Bytes.</summary>
    public nuint Length;
}

/// <summary><c>struct cmsghdr</c> (cmsg(3)): 16 bytes, then the data.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ControlHeader
{
    /// <summary>Bytes, this header included.</summary>
    public nuint Length;

    /// <summary>Level, SOL_SOCKET.</summary>
    public int Level;

    /// <summary>Type, SCM_RIGHTS.</summary>
    public int Type;
}
