using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Launcher.Calls;

namespace EdgeCoder.Launcher.Steps;

/// <summary>The program's own process before it is executed: a session of its own, so that it has no terminal; its directory; nothing open but its three streams.</summary>
internal static unsafe class CommandSteps
{
    private const long LastStream = 2;
    private const long OrdinaryMask = 0x12; // 022

    /// <summary>Adds them.</summary>
    public static void Add(CallList calls, CommandPlan plan)
    {
        calls.For("begin a session");
        calls.Add("setsid");
        calls.Add("umask", OrdinaryMask);
        calls.For($"enter {plan.WorkingDirectory}");
        calls.Add("chdir", Memory.Text(plan.WorkingDirectory));
        calls.For("close what was inherited");
        calls.Add("close_range", LastStream + 1, Channel.ChildEnd - 1, 0);
        calls.Add("close_range", Channel.ChildEnd + 1, uint.MaxValue, 0);
    }
}
