using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Launcher.Calls;
using EdgeCoder.Launcher.Steps;

namespace EdgeCoder.Launcher;

/// <summary>
/// The two processes of a command: the first one, which makes the root, confines itself and then only waits, because what is process 1 of a namespace inherits
/// orphans and does not get its own signals; and the program. As everywhere between clone and exec: system calls and nothing else.
/// </summary>
internal sealed unsafe class CommandProcess
{
    /// <summary>Instead of a purpose: the program has ended, with this wait status.</summary>
    public const int Ended = -1;

    /// <summary>Instead of a purpose: no program could be executed, for this reason.</summary>
    public const int NotExecuted = -2;

    /// <summary>First number of the purposes of the program's own steps.</summary>
    public const int InsidePurposes = 1 << 16;

    private const long SignalChild = 17;
    private const long AllChildren = 0x40000000; // __WALL
    private const int PermissionDenied = 13; // EACCES
    private const int NoSuchFile = 2; // ENOENT
    private const int NoDirectory = 20; // ENOTDIR
    private const int Interrupted = 4; // EINTR
    private const int NotFoundCode = 127;

    private readonly CallStep* outer;
    private readonly int outerCount;
    private readonly CallStep* inner;
    private readonly int innerCount;
    private readonly byte** programs;
    private readonly byte** arguments;
    private readonly byte** environment;
    private readonly int* message;
    private readonly long given;
    private readonly long write = Kernel.Number("write");
    private readonly long exit = Kernel.Number("exit_group");
    private readonly long clone = Kernel.Number("clone");
    private readonly long wait = Kernel.Number("wait4");
    private readonly long execute = Kernel.Number("execve");

    /// <summary>Writes everything down.</summary>
    public CommandProcess(CallList outside, CallList inside, CommandPlan plan, Channel channel)
    {
        outer = outside.Build(out outerCount);
        inner = inside.Build(out innerCount);
        for (var i = 0; i < innerCount; i++)
        {
            inner[i].Purpose += InsidePurposes;
        }

        programs = Memory.Vector(plan.Programs);
        arguments = Memory.Vector(plan.Arguments);
        environment = Memory.Vector(plan.Environment);
        message = (int*)Memory.Zeroed(CallRunner.FailureBytes);
        given = channel.GivenEnd;
    }

    /// <summary>What the first process does; it does not return.</summary>
    public void Run()
    {
        CallRunner.Run(outer, outerCount, given, Channel.ChildEnd, write, exit, Executor.Isolation.Launcher.LaunchPlan.FailureCode);
        var program = Kernel.Syscall(clone, SignalChild, 0, 0, 0, 0, 0);
        if (program == 0)
        {
            CallRunner.Run(inner, innerCount, given, Channel.ChildEnd, write, exit, Executor.Isolation.Launcher.LaunchPlan.FailureCode);
            Execute();
        }

        if (program < 0)
        {
            Say(NotExecuted, *Kernel.ErrorLocation());
        }

        var status = 0;
        long ended;
        do
        {
            ended = Kernel.Syscall(wait, -1, (long)(&status), AllChildren, 0, 0, 0);
        }
        while (ended != program && (ended > 0 || *Kernel.ErrorLocation() == Interrupted));

        // What the program's own steps said comes first in the channel. When this process ends, the kernel kills everything else in its namespace.
        Say(Ended, status);
    }

    private void Execute()
    {
        var error = NoSuchFile;
        for (var program = programs; *program is not null; program++)
        {
            Kernel.Syscall(execute, (long)*program, (long)arguments, (long)environment, 0, 0, 0);
            var refused = *Kernel.ErrorLocation();
            if (refused is NoSuchFile or NoDirectory)
            {
                continue;
            }

            // As execvp(3) does: one that may not be executed is remembered, and another one may be found.
            error = refused;
            if (refused != PermissionDenied)
            {
                break;
            }
        }

        Say(NotExecuted, error);
    }

    private void Say(int what, int value)
    {
        message[0] = what;
        message[1] = value;
        Kernel.Syscall(write, Channel.ChildEnd, (long)message, CallRunner.FailureBytes, 0, 0, 0);
        Kernel.Syscall(exit, NotFoundCode, 0, 0, 0, 0, 0);
    }
}
