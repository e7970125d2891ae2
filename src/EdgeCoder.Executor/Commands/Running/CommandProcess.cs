using System.Text;
using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Native;

namespace EdgeCoder.Executor.Commands.Running;

/// <summary>The launcher of one command and the host's ends of what connects them.</summary>
internal sealed class CommandProcess : IDisposable
{
    private const int LongestInformation = 64 * 1024;

    private static readonly TimeSpan TeardownLimit = TimeSpan.FromSeconds(2);

    private readonly ChildProcess child;
    private readonly StringBuilder told = new();
    private Descriptor? first;

    private CommandProcess(ChildProcess child, Descriptor? stdin, Descriptor stdout, Descriptor stderr, Descriptor information)
    {
        this.child = child;
        Stdin = stdin;
        Stdout = stdout;
        Stderr = stderr;
        Information = information;
        Exit = Descriptor.Process(child.Pid);
    }

    /// <summary>Standard input of the command, where it is written while it runs.</summary>
    public Descriptor? Stdin { get; }

    /// <summary>Standard output of the command.</summary>
    public Descriptor Stdout { get; }

    /// <summary>Standard error of the command.</summary>
    public Descriptor Stderr { get; }

    /// <summary>What the launcher tells.</summary>
    public Descriptor Information { get; }

    /// <summary>Readable when the launcher is gone; null when it was gone before anybody looked.</summary>
    public Descriptor? Exit { get; }

    /// <summary>What it has told so far.</summary>
    public CommandAnswer Answer { get; private set; } = new();

    /// <summary>Starts it. Standard input is at its end, is a sealed file in memory, or a pipe that is written later.</summary>
    public static CommandProcess Start(string launcher, CommandPlan plan, ReadOnlyMemory<byte> input, bool fed)
    {
        var (inRead, inWrite) = fed ? Descriptor.Pipe(hostReads: false) : default((Descriptor?, Descriptor?));
        var (outRead, outWrite) = Descriptor.Pipe(hostReads: true);
        var (errRead, errWrite) = Descriptor.Pipe(hostReads: true);
        var (infoRead, infoWrite) = Descriptor.Pipe(hostReads: true);
        Descriptor[] passed = [inRead ?? (input.IsEmpty ? Descriptor.Null() : Descriptor.Memory("stdin", input.Span)), outWrite, errWrite, Descriptor.Null(), Descriptor.Null(), infoWrite, Descriptor.Memory("plan", CommandPlanFormat.Encode(plan))];
        try
        {
            return new CommandProcess(ChildProcess.Start(launcher, [launcher], ["PATH=/usr/bin:/bin"], passed), inWrite, outRead, errRead, infoRead);
        }
        catch
        {
            inWrite?.Dispose();
            outRead.Dispose();
            errRead.Dispose();
            infoRead.Dispose();
            throw;
        }
        finally
        {
            Array.ForEach(passed, descriptor => descriptor.Dispose());
        }
    }

    /// <summary>Takes what the launcher told.</summary>
    public void Inform(ReadOnlySpan<byte> bytes)
    {
        if (told.Length <= LongestInformation)
        {
            told.Append(Encoding.UTF8.GetString(bytes));
            Answer = CommandAnswer.Read(told.ToString());
            first ??= Answer.FirstPid is { } pid ? Descriptor.Process(pid) : null;
        }
    }

    /// <summary>
    /// Ends everything, if it has not ended: the first process is 1 of its namespace, and with it the kernel kills all others, whatever session they are in. Then
    /// the launcher ends by itself; one that does not is killed, and its child with it.
    /// </summary>
    public int End()
    {
        first?.KillProcess();
        if (Exit is null || first is null || !PollEntry.Wait(Exit, TeardownLimit))
        {
            child.Kill();
        }

        return child.Wait().Status;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stdin?.Dispose();
        Stdout.Dispose();
        Stderr.Dispose();
        Information.Dispose();
        Exit?.Dispose();
        first?.Dispose();
    }
}
