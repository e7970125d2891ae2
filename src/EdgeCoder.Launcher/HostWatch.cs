namespace EdgeCoder.Launcher;

/// <summary>
/// Watches the process that started the launcher, by a handle that follows the process. PR_SET_PDEATHSIG would follow the thread that started it, and says nothing
/// when that process was dead already.
/// </summary>
internal sealed unsafe class HostWatch
{
    private const long PollIn = 1;
    private const int SignalMask = 0x7F;
    private const int NoSuchProcess = 3; // ESRCH
    private const int Interrupted = -4; // EINTR

    private readonly long host;

    private HostWatch(long host) => this.host = host;

    /// <summary>Begins. From here on the handle means this very process; that it is the parent, asked afterwards, says that the number had not come to mean another.</summary>
    /// <exception cref="LaunchFailure">The host is gone.</exception>
    public static HostWatch Begin(int hostPid)
    {
        var handle = Kernel.Must("watch its host", "pidfd_open", hostPid);
        return Kernel.Call("getppid") == hostPid ? new HostWatch(handle) : throw new LaunchFailure("find its host", NoSuchProcess);
    }

    /// <summary>Waits until the child has ended, or until the host has, in which case the child is killed first. Gives the child's exit code, or 128 + its signal.</summary>
    public int WaitForEither(long child)
    {
        var handle = Kernel.Must("watch its child", "pidfd_open", child);
        var entries = stackalloc long[2];
        entries[0] = handle | (PollIn << 32);
        entries[1] = host | (PollIn << 32);

        // struct pollfd: descriptor, events, what happened in the upper 16 bits.
        while (Kernel.Wait(entries, 2) < 0)
        {
        }

        if (entries[0] >> 48 == 0)
        {
            Kernel.Call("pidfd_send_signal", handle, Kernel.SignalKill);
        }

        int status;
        while (Kernel.Call("wait4", child, (long)(&status)) == Interrupted)
        {
        }

        return (status & SignalMask) == 0 ? (status >> 8) & 0xFF : 128 + (status & SignalMask);
    }
}
