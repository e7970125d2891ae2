namespace EdgeCoder.Launcher.Steps;

/// <summary>
/// The connection between the launcher and its child until the program is executed. The child says that it is armed, the launcher says go, and a child whose
/// step failed says which. Nobody holds the other's end, so either sees the other's death as the end of the stream.
/// </summary>
internal sealed unsafe class Channel
{
    /// <summary>The child's end: beside the interpreter's descriptor, above the limit of open files, closed by exec.</summary>
    public const long ChildEnd = 1001;

    private const long UnixFamily = 1;
    private const long Stream = 1;

    private Channel(long parentEnd, long givenEnd)
    {
        ParentEnd = parentEnd;
        GivenEnd = givenEnd;
    }

    /// <summary>The launcher's end.</summary>
    public long ParentEnd { get; }

    /// <summary>The child's end as this process has it. The child moves it: in a process with several threads a descriptor table that grows waits for all processors.</summary>
    public long GivenEnd { get; }

    /// <summary>Makes both ends.</summary>
    public static Channel Open()
    {
        var ends = stackalloc int[2];
        Kernel.Must("connect to its child", "socketpair", UnixFamily, Stream | Kernel.CloseOnExec, 0, (long)ends);
        return new Channel(ends[0], ends[1]);
    }

    /// <summary>Waits until the child is armed, then lets it go on. A child that ended meanwhile is no failure here: its end is seen by whoever waits for it.</summary>
    public void LetGo()
    {
        byte sign = 0;
        if (Kernel.Call("read", ParentEnd, (long)(&sign), 1) == 1)
        {
            Kernel.Call("write", ParentEnd, (long)(&sign), 1);
        }
    }

    /// <summary>What a child that has ended said about its failure; null when it executed its program.</summary>
    public (int Purpose, int Error)? Failure()
    {
        var said = stackalloc int[2];
        return Kernel.Call("read", ParentEnd, (long)said, Calls.CallRunner.FailureBytes) == Calls.CallRunner.FailureBytes ? (said[0], said[1]) : null;
    }
}
