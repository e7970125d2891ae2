using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Native;

namespace EdgeCoder.Executor.Running;

/// <summary>A process that a launcher makes for one job: bubblewrap, or our own.</summary>
/// <remarks>
/// A host that dies before the launcher watches it is covered too: the job is sent only after the runner has said that it is ready, which is
/// later, and a runner that reads the end of its pipe instead of a job ends by itself.
/// </remarks>
internal sealed class LaunchedProcess : SandboxProcess
{
    private static readonly TimeSpan TeardownLimit = TimeSpan.FromSeconds(2);
    private const int LongestInformation = 64 * 1024;

    private readonly ChildProcess child;
    private readonly MemoryStream told = new();
    private readonly bool programIsFirst;
    private Descriptor? first;
    private int firstPid;
    private ScratchWatch? scratch;

    private LaunchedProcess(ChildProcess child, SandboxChannels channels, Descriptor information, bool programIsFirst)
    {
        this.child = child;
        this.programIsFirst = programIsFirst;
        Channels = channels;
        Information = information;
        Exit = Descriptor.Process(child.Pid);
    }

    /// <inheritdoc/>
    public override SandboxChannels Channels { get; }

    /// <inheritdoc/>
    public override Descriptor? Exit { get; }

    /// <inheritdoc/>
    public override Descriptor Information { get; }

    /// <summary>Starts it. The calling thread must live as long as the process where the launcher asks for a parent-death signal, as bubblewrap does.</summary>
    public static LaunchedProcess Start(SandboxCommand command)
    {
        var (channels, ends) = SandboxChannels.Open();
        var (infoRead, infoWrite) = Descriptor.Pipe(hostReads: true);
        Descriptor[] passed = [.. ends, infoWrite, .. command.Files.Select((file, i) => Descriptor.Memory($"file{i}", file))];
        try
        {
            var child = ChildProcess.Start(command.Launcher, command.Arguments, ["PATH=/usr/bin:/bin:/usr/sbin:/sbin"], passed);
            return new LaunchedProcess(child, channels, infoRead, command.ProgramIsFirst);
        }
        catch
        {
            channels.Dispose();
            infoRead.Dispose();
            throw;
        }
        finally
        {
            Array.ForEach(passed, descriptor => descriptor.Dispose());
        }
    }

    /// <inheritdoc/>
    public override void Inform(ReadOnlySpan<byte> bytes)
    {
        if (first is not null || told.Length > LongestInformation)
        {
            return;
        }

        told.Write(bytes);
        if (LauncherAnswer.Read(told.GetBuffer().AsSpan(0, (int)told.Length)) is { } answer)
        {
            firstPid = answer.FirstPid;
            first = Descriptor.Process(firstPid);
            scratch = answer.Scratch is null ? null : new ScratchWatch(answer.Scratch);
        }
    }

    /// <inheritdoc/>
    public override TimeSpan? WatchInterval => scratch is null ? null : ScratchWatch.Interval;

    /// <inheritdoc/>
    public override bool ExceedsScratch() => scratch?.Exceeds() ?? false;

    /// <inheritdoc/>
    public override ProgramUsage? Usage() => first is null ? null : programIsFirst ? ProgramUsage.Of(firstPid) : ProgramUsage.OfChild(firstPid);

    /// <summary>The first process is 1 of its namespace: when it dies the kernel kills everything in there before it lets go, whatever session it is in.</summary>
    public override (int Status, long CpuMs) End(bool reported)
    {
        if (Exit is null || first is null)
        {
            child.Kill();
        }
        else
        {
            first.KillProcess();
            if (!PollEntry.Wait(Exit, TeardownLimit))
            {
                child.Kill();
            }
        }

        var (status, usage) = child.Wait();
        return (status, usage.CpuMs);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Channels.Dispose();
            Information.Dispose();
            Exit?.Dispose();
            first?.Dispose();
            told.Dispose();
        }
    }
}
