using System.Globalization;
using System.Text;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Launcher.Calls;
using EdgeCoder.Launcher.Steps;

namespace EdgeCoder.Launcher;

/// <summary>One sandbox from the plan to its end.</summary>
internal static unsafe class Launch
{
    private const int InfoDescriptor = 5; // SandboxCommand.InfoDescriptor
    private const long InnerId = 1000;
    private const long SignalChild = 17;
    private const long NewNamespaces = 0x10000000 | 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000 | 0x02000000; // USER, NS, PID, NET, IPC, UTS, CGROUP

    /// <summary>
    /// Steps: 1 watch the host; 2 give up root; 3 write down the child's calls; 4 clone; 5 tell the host; 6 map the child's user; 7 let the child go;
    /// 8 wait for its end or the host's.
    /// </summary>
    public static int Run(LaunchPlan plan)
    {
        // 1. A terminal's signals are the host's business: it ends the run in order.
        var host = HostWatch.Begin(plan.HostPid);
        Kernel.Call("setsid");

        // 2.
        Privileges.GiveUpRoot(plan.UserId);

        // 3.
        var channel = Channel.Open();
        var calls = new CallList();
        ArmingSteps.Add(calls, channel);
        RootSteps.Add(calls, plan);
        ProgramSteps.Add(calls, plan, plan.Zygote ? "/" : "/" + RootLayout.Scratch);
        var first = calls.Build(out var count);
        var (write, exit) = (Kernel.Number("write"), Kernel.Number("exit_group"));

        // 4.
        var pid = Kernel.Call("clone", SignalChild | NewNamespaces);
        if (pid == 0)
        {
            CallRunner.Run(first, count, Channel.ChildEnd, write, exit, LaunchPlan.FailureCode);
        }

        Kernel.Checked("make namespaces", pid);

        // 5.
        Inputs.Write(InfoDescriptor, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"child-pid\": {pid}}}\n")));
        Kernel.Must("close what was inherited", "close", Channel.ChildEnd);
        foreach (var descriptor in (ReadOnlySpan<int>)[0, 1, 3, 4, InfoDescriptor, LaunchPlan.Descriptor])
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
        return channel.Failure() is { } failure ? throw new LaunchFailure(calls.Purpose(failure.Purpose), failure.Error) : status;
    }
}
