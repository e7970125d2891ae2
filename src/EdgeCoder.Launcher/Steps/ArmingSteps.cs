using EdgeCoder.Launcher.Calls;

namespace EdgeCoder.Launcher.Steps;

/// <summary>
/// The first calls of the child. There is no moment in which the launcher's death would leave it: before "armed" the launcher has not said go and the child reads
/// the end of the channel; after it, the kernel kills the child (prctl(2), PR_SET_PDEATHSIG). In a process namespace getppid() says nothing, hence the exchange.
/// </summary>
internal static unsafe class ArmingSteps
{
    private const long SetParentDeathSignal = 1;
    private const long SetMask = 2;
    private const int Signals = 64;
    private const long SignalSetBytes = 8;
    private const int SignalStop = 19;

    /// <summary>Adds them.</summary>
    public static void Add(CallList calls, Channel channel)
    {
        calls.For($"use descriptor {Channel.ChildEnd} (the hard limit of open files, ulimit -Hn, must be above it)");
        calls.Add("dup3", channel.GivenEnd, Channel.ChildEnd, Kernel.CloseOnExec);
        calls.For("wait for its parent");
        calls.Add("close", channel.ParentEnd);
        Arm(calls);
        var sign = Memory.Zeroed(1);
        calls.AddWhole("write", 1, Channel.ChildEnd, sign, 1);
        calls.AddWhole("read", 1, Channel.ChildEnd, sign, 1);

        // The runtime ignores some signals and may block others; execve would hand that on.
        calls.For("reset its signals");
        var defaultAction = Memory.Zeroed(32);
        for (var signal = 1; signal <= Signals; signal++)
        {
            if (signal is not ((int)Kernel.SignalKill or SignalStop))
            {
                calls.Add("rt_sigaction", signal, defaultAction, 0, SignalSetBytes);
            }
        }

        calls.Add("rt_sigprocmask", SetMask, Memory.Zeroed((int)SignalSetBytes), 0, SignalSetBytes);
    }

    /// <summary>Asks for the signal; again after a change of credentials, which can take it away.</summary>
    public static void Arm(CallList calls) => calls.Add("prctl", SetParentDeathSignal, Kernel.SignalKill, 0, 0, 0);
}
