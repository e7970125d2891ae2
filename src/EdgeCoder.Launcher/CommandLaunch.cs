using System.Text;
using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Launcher.Calls;
using EdgeCoder.Launcher.Steps;

namespace EdgeCoder.Launcher;

/// <summary>One command of a project from the plan to its end (agent-executor-models 2.3 run_command, 3.6, 3.7).</summary>
internal static unsafe class CommandLaunch
{
    /// <summary>Where it tells the host what happened, as <see cref="CommandAnswer"/>.</summary>
    public const int InfoDescriptor = 5;

    private const long InnerId = 1000;
    private const long SignalChild = 17;
    private const long NewNetwork = 0x40000000;
    private const long NewNamespaces = 0x10000000 | 0x00020000 | 0x20000000 | 0x08000000 | 0x04000000 | 0x02000000; // USER, NS, PID, IPC, UTS, CGROUP

    /// <summary>
    /// Steps: 1 watch the host; 2 as root, take what will be visible with its owners mapped, and give up root; 3 write down the child's calls; 4 clone; 5 tell the
    /// host; 6 map the child's user; 7 let the child go; 8 wait for its end or the host's; 9 tell how the program ended.
    /// </summary>
    public static int Run(CommandPlan plan)
    {
        // 1.
        Kernel.Must("close what was inherited", "close_range", LaunchPlan.Descriptor, uint.MaxValue);
        var host = HostWatch.Begin(plan.HostPid);
        Kernel.Call("setsid");

        // 2.
        var taken = plan.UserId is { } user ? OwnedTrees.Take(plan.Places, user) : null;
        Privileges.GiveUpRoot(plan.UserId);

        // 3.
        var channel = Channel.Open();
        var calls = new CallList();
        ArmingSteps.Add(calls, channel);
        CommandRootSteps.Add(calls, plan, taken);
        ConfinementSteps.Add(calls, plan);
        var inside = new CallList();
        CommandSteps.Add(inside, plan);
        var first = new CommandProcess(calls, inside, plan, channel);

        // 4.
        var pid = Kernel.Call("clone", SignalChild | NewNamespaces | (plan.Network ? 0 : NewNetwork));
        if (pid == 0)
        {
            first.Run();
        }

        Kernel.Checked("make namespaces", pid);

        // 5.
        Tell(CommandAnswer.First(pid));
        Kernel.Must("close what was inherited", "close", channel.GivenEnd);
        foreach (var descriptor in (ReadOnlySpan<int>)[0, 1, 2, 3, 4])
        {
            Kernel.Call("close", descriptor);
        }

        // 6. (user_namespaces(7): one process may map its own user, and only after giving up setgroups its own group.)
        var process = $"/proc/{pid}/";
        Inputs.WriteFile("map the user of the sandbox", process + "setgroups", "deny");
        Inputs.WriteFile("map the user of the sandbox", process + "uid_map", $"{InnerId} {Kernel.Call("geteuid")} 1\n");
        Inputs.WriteFile("map the group of the sandbox", process + "gid_map", $"{InnerId} {Kernel.Call("getegid")} 1\n");

        // 7.
        channel.LetGo();

        // 8.
        var status = host.WaitForEither(pid);

        // 9.
        switch (channel.Failure())
        {
            case (CommandProcess.Ended, var waited): Tell(CommandAnswer.Ended(waited)); break;
            case (CommandProcess.NotExecuted, var error): Tell(CommandAnswer.NotExecuted(error)); break;
            case (var purpose, var error): throw new LaunchFailure(purpose >= CommandProcess.InsidePurposes ? inside.Purpose(purpose - CommandProcess.InsidePurposes) : calls.Purpose(purpose), error);
            default: break; // killed
        }

        return status;
    }

    private static void Tell(string line) => Inputs.Write(InfoDescriptor, Encoding.UTF8.GetBytes(line));
}
