using System.Runtime.InteropServices;

namespace EdgeCoder.Executor.Isolation.Native;

/// <summary><c>struct pollfd</c> (poll.h): 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    /// <summary>POLLIN.</summary>
    public const short Readable = 1;

    /// <summary>POLLOUT.</summary>
    public const short Writable = 4;

    /// <summary>Descriptor; negative entries are ignored by the kernel.</summary>
    public int Descriptor;

    /// <summary>What is waited for.</summary>
    public short Events;

    /// <summary>What happened; errors and hang-ups are always told.</summary>
    public short Happened;
}
