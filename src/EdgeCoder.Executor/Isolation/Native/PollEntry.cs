using System.Diagnostics;
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

    /// <summary>Waits until something happens or the time is over; an interruption counts as nothing, so that the caller looks at the clock again.</summary>
    public static unsafe void Wait(Span<PollEntry> entries, TimeSpan limit)
    {
        fixed (PollEntry* start = entries)
        {
            if (Libc.Poll(start, (nuint)entries.Length, (int)Math.Clamp(Math.Ceiling(limit.TotalMilliseconds), 1, 60_000)) <= 0)
            {
                foreach (ref var entry in entries)
                {
                    entry.Happened = 0;
                }
            }
        }
    }

    /// <summary>Whether a descriptor can be read now.</summary>
    public static unsafe bool IsReadable(Descriptor descriptor)
    {
        var entry = new PollEntry { Descriptor = descriptor.Number, Events = Readable };
        return Libc.Poll(&entry, 1, 0) > 0;
    }

    /// <summary>Waits for one descriptor to become readable. False when it did not within the time; a signal that interrupts the wait, such as that of an ended child, changes nothing.</summary>
    public static bool Wait(Descriptor descriptor, TimeSpan limit)
    {
        var begin = Stopwatch.GetTimestamp();
        Span<PollEntry> entries = [new() { Descriptor = descriptor.Number, Events = Readable }];
        do
        {
            Wait(entries, limit - Stopwatch.GetElapsedTime(begin));
        }
        while (entries[0].Happened == 0 && Stopwatch.GetElapsedTime(begin) < limit);
        return entries[0].Happened != 0;
    }
}
