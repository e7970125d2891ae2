using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Launcher.Calls;

namespace EdgeCoder.Launcher.Steps;

/// <summary>
/// What the first process of a command takes from itself and so from everything it starts. Steps: 1 what was inherited is closed, and when memory runs out the kernel
/// ends this first (proc_pid_oom_score_adj(5)); 2 limits; 3 capabilities; 4 no new
/// privileges; 5 nobody inside may look into this process; 6 the parent-death signal again; 7 Landlock; 8 the filter.
/// </summary>
internal static unsafe class ConfinementSteps
{
    private const long LastStream = 2;
    private const long WriteOnly = 1;
    private const string HighestScore = "1000";
    private const long SetDumpable = 4; // PR_SET_DUMPABLE
    private const long SetNoNewPrivileges = 38;
    private const long FilterMode = 1; // SECCOMP_SET_MODE_FILTER
    private const int InstructionBytes = 8;

    /// <summary>Adds them.</summary>
    public static void Add(CallList calls, CommandPlan plan)
    {
        // 1.
        calls.For("close what was inherited");
        calls.Add("close_range", LastStream + 1, Channel.ChildEnd - 1, 0);
        calls.Add("close_range", Channel.ChildEnd + 1, uint.MaxValue, 0);

        calls.For("be the first to go when memory runs out");
        var score = calls.Keep("openat", Kernel.CurrentDirectory, Memory.Text("/proc/self/oom_score_adj"), WriteOnly | Kernel.CloseOnExec, 0);
        calls.AddWhole("write", HighestScore.Length, score, Memory.Text(HighestScore), HighestScore.Length);
        calls.Add("close", score);

        // 2.
        foreach (var (limit, soft, hard) in plan.Limits)
        {
            calls.For($"set the {limit} limit");
            calls.Add("prlimit64", 0, (long)limit, Memory.Words(soft, hard), 0);
        }

        // 3.
        CapabilitySteps.Add(calls, namespaces: true, zygote: false);

        // 4.
        calls.For("refuse new privileges");
        calls.Add("prctl", SetNoNewPrivileges, 1, 0, 0, 0);

        // 5. It has the program's user, and Landlock and the filter would not stop a debugger that reads memory through /proc. Executing the program sets it back.
        calls.For("close itself to others");
        calls.Add("prctl", SetDumpable, 0, 0, 0, 0);

        // 6.
        calls.For("ask to end with its parent");
        ArmingSteps.Arm(calls);

        // 7.
        if (plan.Landlock is { } layer)
        {
            LandlockSteps.Add(calls, layer);
        }

        // 8.
        calls.For("install the system-call filter");
        calls.Add("seccomp", FilterMode, 0, Memory.Words((ulong)(plan.Filter.Length / InstructionBytes), (ulong)Memory.Bytes(plan.Filter)));
    }
}
