using System.Globalization;
using System.Text;
using EdgeCoder.Executor.Isolation.Landlock;
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
    /// Steps: 1 watch the host; 2 give up root; 3 in Landlock mode make the scratch directory; 4 write down the child's calls; 5 clone; 6 tell the host; 7 map the
    /// child's user; 8 let the child go; 9 wait for its end or the host's, and leave nothing behind.
    /// </summary>
    public static int Run(LaunchPlan plan)
    {
        // 1. What the host left open for its children is not held open here. A terminal's signals are the host's business: it ends the run in order.
        Kernel.Must("close what was inherited", "close_range", LaunchPlan.Descriptor + 1, uint.MaxValue);
        var host = HostWatch.Begin(plan.HostPid);
        Kernel.Call("setsid");

        // 2.
        Privileges.GiveUpRoot(plan.UserId);

        // 3. Without namespaces Landlock is what keeps the program from the machine's files, so there is no going on without, nor with one that knows too little.
        if (plan.Mode == LaunchMode.Namespaces)
        {
            return Run(plan, host, null);
        }

        if (plan.Landlock is not { } layer || !layer.Files.HasFlag(LandlockAccess.Truncate))
        {
            throw new FormatException("The launch plan has neither namespaces nor a Landlock layer that holds without them.");
        }

        Descendants.Adopt();
        var scratch = Scratch.Make(plan);
        try
        {
            return Run(scratch.Complete(plan), host, scratch);
        }
        finally
        {
            Descendants.KillAll();
            scratch.Remove();
        }
    }

    private static int Run(LaunchPlan plan, HostWatch host, Scratch? scratch)
    {
        // 4.
        var channel = Channel.Open();
        var calls = new CallList();
        ArmingSteps.Add(calls, channel);
        if (scratch is null)
        {
            RootSteps.Add(calls, plan);
        }

        ProgramSteps.Add(calls, plan, scratch?.Writable ?? (plan.Zygote ? "/" : "/" + RootLayout.Scratch));
        var first = calls.Build(out var count);
        var (write, exit) = (Kernel.Number("write"), Kernel.Number("exit_group"));

        // 5.
        var pid = Kernel.Call("clone", scratch is null ? SignalChild | NewNamespaces : SignalChild);
        if (pid == 0)
        {
            CallRunner.Run(first, count, channel.GivenEnd, Channel.ChildEnd, write, exit, LaunchPlan.FailureCode);
        }

        Kernel.Checked("make namespaces", pid);

        // 6. The directory's name is made of letters and digits.
        var place = scratch is null ? "" : $", \"scratch\": \"{scratch.Writable}\"";
        Inputs.Write(InfoDescriptor, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"child-pid\": {pid}{place}}}\n")));
        Kernel.Must("close what was inherited", "close", channel.GivenEnd);
        foreach (var descriptor in (ReadOnlySpan<int>)[0, 1, 3, 4, InfoDescriptor, LaunchPlan.Descriptor])
        {
            Kernel.Call("close", descriptor);
        }

        // 7. (user_namespaces(7): one process may map its own user, and only after giving up setgroups its own group.)
        if (scratch is null)
        {
            var process = $"/proc/{pid}/";
            Inputs.WriteFile("map the user of the sandbox", process + "setgroups", "deny");
            Inputs.WriteFile("map the user of the sandbox", process + "uid_map", $"{InnerId} {Kernel.Call("geteuid")} 1\n");
            Inputs.WriteFile("map the group of the sandbox", process + "gid_map", $"{InnerId} {Kernel.Call("getegid")} 1\n");
        }

        // 8.
        channel.LetGo();

        // 9.
        var status = host.WaitForEither(pid);
        return channel.Failure() is { } failure ? throw new LaunchFailure(calls.Purpose(failure.Purpose), failure.Error) : status;
    }
}
