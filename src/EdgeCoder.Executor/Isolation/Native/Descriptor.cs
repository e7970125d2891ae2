using System.ComponentModel;
using System.Runtime.InteropServices;

namespace EdgeCoder.Executor.Isolation.Native;

/// <summary>An open descriptor that closes itself. Every one is above 64 and closes on exec, so that nothing leaks into another child.</summary>
internal sealed unsafe class Descriptor : SafeHandle
{
    private const int LowestNumber = 64;

    private Descriptor(int number)
        : base(-1, ownsHandle: true) => SetHandle(number);

    /// <inheritdoc/>
    public override bool IsInvalid => handle < 0;

    /// <summary>The number; only valid until disposal.</summary>
    public int Number => IsClosed ? -1 : (int)handle;

    /// <summary>A pipe. The host's end does not block.</summary>
    public static (Descriptor Read, Descriptor Write) Pipe(bool hostReads)
    {
        var ends = stackalloc int[2];
        Check(Libc.Pipe(ends, Libc.CloseOnExec), "pipe2");
        var (read, write) = (Raise(ends[0]), Raise(ends[1]));
        Check(Libc.Control((hostReads ? read : write).Number, Libc.SetFlags, Libc.NonBlock), "fcntl");
        return (read, write);
    }

    /// <summary>A sealed file in memory that holds these bytes, at its beginning.</summary>
    public static Descriptor Memory(string name, ReadOnlySpan<byte> content)
    {
        var file = Memory(name);
        file.Seal(content);
        return file;
    }

    /// <summary>An empty file in memory, to be filled by <see cref="Seal"/>.</summary>
    public static Descriptor Memory(string name) => Raise(Check(Libc.MemoryFile(name, Libc.MemfdCloseOnExec | Libc.MemfdAllowSealing), "memfd_create"));

    /// <summary>Fills a file in memory, at its beginning and without moving its position, and seals it: nobody can change it any more.</summary>
    public void Seal(ReadOnlySpan<byte> content)
    {
        for (var at = 0; at < content.Length;)
        {
            fixed (byte* start = content)
            {
                at += Check((int)Libc.WriteAt(Number, start + at, (nuint)(content.Length - at), at), "pwrite");
            }
        }

        Check(Libc.Control(Number, Libc.AddSeals, Libc.AllSeals), "fcntl");
    }

    /// <summary>A second descriptor of the same open file.</summary>
    public Descriptor Copy() => new(Check(Libc.Control(Number, Libc.DuplicateCloseOnExec, LowestNumber), "fcntl F_DUPFD_CLOEXEC"));

    /// <summary>Takes ownership of a descriptor that this process was given.</summary>
    public static Descriptor Own(int number) => Raise(number);

    /// <summary>A counter that wakes a poll when it is signalled.</summary>
    public static Descriptor Event() => Raise(Check(Libc.EventCounter(0, Libc.CloseOnExec | Libc.NonBlock), "eventfd"));

    /// <summary>The null device, for reading.</summary>
    public static Descriptor Null() => Raise(Check(Libc.Open("/dev/null", Libc.CloseOnExec), "open /dev/null"));

    /// <summary>A handle on a process that cannot come to mean another one; null when the process is gone already.</summary>
    public static Descriptor? Process(int pid)
    {
        const int PidfdOpen = 434; // the same number on every architecture
        var number = (int)Libc.Syscall(PidfdOpen, pid, 0, 0, 0);
        return number < 0 ? null : Raise(number);
    }

    /// <summary>Sends SIGKILL to the process behind a handle from <see cref="Process"/>; one that is gone already is no error.</summary>
    public void KillProcess()
    {
        const int PidfdSendSignal = 424;
        _ = Libc.Syscall(PidfdSendSignal, Number, Libc.SignalKill, 0, 0);
    }

    /// <summary>Adds one to a counter from <see cref="Event"/>.</summary>
    public void Signal()
    {
        var one = 1L;
        _ = Libc.Write(Number, (byte*)&one, sizeof(long));
    }

    /// <summary>Reads what is there. Returns null when there is nothing now, 0 at the end.</summary>
    public int? Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = Libc.Read(Number, start, (nuint)buffer.Length);
                if (count >= 0)
                {
                    return (int)count;
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    case Libc.ErrorInterrupted: continue;
                    case Libc.ErrorAgain: return null;
                    default: return 0;
                }
            }
        }
    }

    /// <summary>Writes what fits. Returns null when nothing fits now, 0 when the reader is gone.</summary>
    public int? Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            while (true)
            {
                var count = Libc.Write(Number, start, (nuint)bytes.Length);
                if (count >= 0)
                {
                    return (int)count;
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    case Libc.ErrorInterrupted: continue;
                    case Libc.ErrorAgain: return null;
                    default: return 0;
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;

    private static Descriptor Raise(int number)
    {
        var raised = Libc.Control(number, Libc.DuplicateCloseOnExec, LowestNumber);
        var error = Marshal.GetLastPInvokeError();
        _ = Libc.Close(number);
        return raised >= 0 ? new Descriptor(raised) : throw new Win32Exception(error, "fcntl F_DUPFD_CLOEXEC");
    }

    private static int Check(int result, string call) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), call);
}
