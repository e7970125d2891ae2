using System.Buffers.Binary;
using System.Text;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.Warm;

/// <summary>
/// One warm interpreter in a sandbox, and the socket on which it is asked for children. It forks; a child is locked in and waits for its job. Not safe for
/// use from several threads: a lane owns it.
/// </summary>
internal sealed class Zygote : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly ChildProcess launcher;
    private readonly Descriptor? launcherExit;
    private readonly ControlSocket control;
    private readonly Descriptor errors;
    private readonly Descriptor information;
    private readonly Dictionary<uint, ZygoteChild> children = [];
    private uint last;

    private Zygote(ChildProcess launcher, ControlSocket control, Descriptor errors, Descriptor information)
    {
        this.launcher = launcher;
        this.control = control;
        this.errors = errors;
        this.information = information;
        launcherExit = Descriptor.Process(launcher.Pid);
    }

    /// <summary>Process id of the launcher: all of the zygote's processes are below it.</summary>
    public int LauncherPid => launcher.Pid;

    /// <summary>Whether something happened that should not: an answer that was not understood, a child that died before it had a job.</summary>
    public bool Anomaly { get; private set; }

    /// <summary>The writable directory of the machine in which children have theirs, where there are no namespaces.</summary>
    public string? Scratch { get; private set; }

    /// <summary>Starts one and waits until it is warm.</summary>
    /// <exception cref="IOException">It did not get warm; the message has what it said.</exception>
    public static Zygote Start(SandboxCommand command, byte[] configuration)
    {
        var (control, child) = ControlSocket.Pair();
        var (errorRead, errorWrite) = Descriptor.Pipe(hostReads: true);
        var (infoRead, infoWrite) = Descriptor.Pipe(hostReads: true);
        Descriptor[] passed =
        [
            Descriptor.Null(), errorWrite, errorWrite.Copy(), child, Descriptor.Memory("configuration", configuration), infoWrite,
            .. command.Files.Select((file, i) => Descriptor.Memory($"file{i}", file)),
        ];
        Zygote? zygote = null;
        try
        {
            zygote = new Zygote(ChildProcess.Start(command.Launcher, command.Arguments, ["PATH=/usr/bin:/bin:/usr/sbin:/sbin"], passed), control, errorRead, infoRead);
        }
        finally
        {
            Array.ForEach(passed, descriptor => descriptor.Dispose());
            if (zygote is null)
            {
                control.Dispose();
                errorRead.Dispose();
                infoRead.Dispose();
            }
        }

        try
        {
            zygote.WaitUntilWarm();
            return zygote;
        }
        catch
        {
            zygote.Dispose();
            throw;
        }
    }

    /// <summary>Asks for a child. It is being made when this returns.</summary>
    public ZygoteChild Fork()
    {
        var number = ++last;
        var (channels, ends) = SandboxChannels.Open();
        try
        {
            control.Send(Request(number), ends);
        }
        catch
        {
            channels.Dispose();
            throw;
        }
        finally
        {
            Array.ForEach(ends, descriptor => descriptor.Dispose());
        }

        var child = new ZygoteChild(this, channels, Scratch is null ? null : Path.Combine(Scratch, $"{number}"));
        children.Add(number, child);
        return child;
    }

    /// <summary>Takes answers until a condition holds. False when the zygote is gone or does not answer in time.</summary>
    public bool Await(Func<bool> condition)
    {
        while (!condition())
        {
            if (!PollEntry.Wait(control.Descriptor, AnswerLimit) || control.Receive() is not var (message, attached))
            {
                Anomaly = true;
                return false;
            }

            Take(message, attached);
        }

        return true;
    }

    /// <summary>Takes the answers that are there, so that the children that ended are forgotten.</summary>
    public void Settle()
    {
        while (!Anomaly && PollEntry.IsReadable(control.Descriptor))
        {
            if (control.Receive() is not var (message, attached))
            {
                Anomaly = true;
                return;
            }

            Take(message, attached);
        }
    }

    /// <summary>Ends the zygote and, with its namespace, all that it made.</summary>
    public void Dispose()
    {
        control.Dispose();
        if (launcherExit is null || !PollEntry.Wait(launcherExit, TimeSpan.FromSeconds(2)))
        {
            launcher.Kill();
        }

        launcher.Wait();
        launcherExit?.Dispose();
        errors.Dispose();
        information.Dispose();
        foreach (var child in children.Values)
        {
            child.Gone(128 + Libc.SignalKill, 0);
        }
    }

    private static byte[] Request(uint number)
    {
        var message = new byte[5];
        message[0] = (byte)'S';
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), number);
        return message;
    }

    private void WaitUntilWarm()
    {
        if (!PollEntry.Wait(control.Descriptor, StartLimit) || control.Receive() is not ([(byte)'R'], null))
        {
            launcher.Kill();
            var text = new byte[4096];
            throw new IOException($"the warm interpreter did not start: {Encoding.UTF8.GetString(text, 0, errors.Read(text) ?? 0).Trim()}");
        }

        var told = new byte[4096];
        Scratch = LauncherAnswer.Read(told.AsSpan(0, information.Read(told) ?? 0))?.Scratch;
    }

    // 'S' number with a handle on the child: it is there. 'E' number, status, CPU milliseconds: it has ended.
    private void Take(byte[] message, Descriptor? attached)
    {
        if (message is [(byte)'S', _, _, _, _] && attached is not null && children.TryGetValue(Number(message), out var made))
        {
            made.Made(attached);
        }
        else if (message is [(byte)'E', ..] && message.Length == 17 && children.Remove(Number(message), out var ended))
        {
            Anomaly |= !ended.HadJob;
            ended.Gone((int)BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(5)), (long)BinaryPrimitives.ReadUInt64BigEndian(message.AsSpan(9)));
        }
        else
        {
            attached?.Dispose();
            Anomaly = true;
        }
    }

    private static uint Number(byte[] message) => BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(1));
}
