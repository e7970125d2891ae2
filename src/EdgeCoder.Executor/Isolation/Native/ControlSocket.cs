using System.ComponentModel;
using System.Runtime.InteropServices;

namespace EdgeCoder.Executor.Isolation.Native;

/// <summary>
/// The host's end of a pair of sequenced-packet sockets (unix(7)): messages keep their borders and carry descriptors (SCM_RIGHTS). The other end is
/// given to a child.
/// </summary>
internal sealed unsafe class ControlSocket : IDisposable
{
    private const int UnixFamily = 1; // AF_UNIX
    private const int SequencedPacket = 5; // SOCK_SEQPACKET
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const int ReceivedCloseOnExec = 0x40000000; // MSG_CMSG_CLOEXEC
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int Rights = 1; // SCM_RIGHTS
    private const int LongestMessage = 64;

    private readonly Descriptor descriptor;

    private ControlSocket(Descriptor descriptor) => this.descriptor = descriptor;

    /// <summary>The descriptor, for polling.</summary>
    public Descriptor Descriptor => descriptor;

    /// <summary>A connected pair: the host's end, and the one for the child, which the caller closes once the child has it.</summary>
    public static (ControlSocket Host, Descriptor Child) Pair()
    {
        var ends = stackalloc int[2];
        Check(Libc.SocketPair(UnixFamily, SequencedPacket | Libc.CloseOnExec, 0, ends), "socketpair");
        return (new ControlSocket(Native.Descriptor.Own(ends[0])), Native.Descriptor.Own(ends[1]));
    }

    /// <summary>Sends a message with descriptors; the caller keeps its own.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    public void Send(ReadOnlySpan<byte> message, IReadOnlyList<Descriptor> descriptors)
    {
        var control = stackalloc byte[MessageHeader.ControlBytes(descriptors.Count)];
        if (descriptors.Count > 0)
        {
            *(ControlHeader*)control = new ControlHeader { Length = (nuint)(sizeof(ControlHeader) + (descriptors.Count * sizeof(int))), Level = SocketLevel, Type = Rights };
            for (var i = 0; i < descriptors.Count; i++)
            {
                ((int*)(control + sizeof(ControlHeader)))[i] = descriptors[i].Number;
            }
        }

        fixed (byte* start = message)
        {
            var vector = new IoVector { Start = start, Length = (nuint)message.Length };
            var header = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = descriptors.Count > 0 ? control : null, ControlLength = (nuint)(descriptors.Count > 0 ? MessageHeader.ControlBytes(descriptors.Count) : 0) };
            while (Libc.SendMessage(descriptor.Number, &header, NoSignal) < 0)
            {
                if (Marshal.GetLastPInvokeError() != Libc.ErrorInterrupted)
                {
                    throw new IOException($"The sandbox does not take requests: error {Marshal.GetLastPInvokeError()}");
                }
            }
        }
    }

    /// <summary>Receives a message and at most one descriptor. Null when the other side is gone.</summary>
    public (byte[] Message, Descriptor? Attached)? Receive()
    {
        var buffer = stackalloc byte[LongestMessage];
        var control = stackalloc byte[MessageHeader.ControlBytes(1)];
        var vector = new IoVector { Start = buffer, Length = LongestMessage };
        var header = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = (nuint)MessageHeader.ControlBytes(1) };
        nint count;
        while ((count = Libc.ReceiveMessage(descriptor.Number, &header, ReceivedCloseOnExec)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Libc.ErrorInterrupted)
            {
                return null;
            }
        }

        if (count == 0)
        {
            return null;
        }

        var first = (ControlHeader*)control;
        var attached = header.ControlLength >= (nuint)(sizeof(ControlHeader) + sizeof(int)) && first->Level == SocketLevel && first->Type == Rights
            ? Native.Descriptor.Own(*(int*)(control + sizeof(ControlHeader)))
            : null;
        return (new ReadOnlySpan<byte>(buffer, (int)count).ToArray(), attached);
    }

    /// <inheritdoc/>
    public void Dispose() => descriptor.Dispose();

    private static void Check(int result, string call)
    {
        if (result < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), call);
        }
    }
}
