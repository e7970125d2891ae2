using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Launcher.Calls;

namespace EdgeCoder.Launcher.Steps;

/// <summary>
/// From inside the new root to the program. Steps: 1 a session of its own; 2 the working directory; 3 the interpreter on a descriptor above the limit of open files;
/// 4 everything that was inherited is closed; 5 limits; 6 capabilities; 7 no new privileges; 8 the parent-death signal again; 9 Landlock; 10 the filter; 11 execute.
/// </summary>
internal static unsafe class ProgramSteps
{
    private const long InterpreterDescriptor = 1000; // SeccompPolicy.InterpreterDescriptor: the one that the filter lets be executed
    private const long LastChannel = 4; // standard input, output and error, the job, the report
    private const long PathOnly = 0x200000; // O_PATH
    private const long OrdinaryMask = 0x12; // 022
    private const long SetNoNewPrivileges = 38;
    private const long FilterMode = 1; // SECCOMP_SET_MODE_FILTER
    private const int InstructionBytes = 8;

    /// <summary>Adds them.</summary>
    /// <param name="calls">The list.</param>
    /// <param name="plan">The plan, with the scratch directory's path in it.</param>
    /// <param name="directory">Working directory.</param>
    public static void Add(CallList calls, LaunchPlan plan, string directory)
    {
        // 1. A copy of a session's leader may not make a new one only if it leads a group itself, and it does not.
        calls.For("begin a session");
        calls.Add("setsid");
        calls.Add("umask", OrdinaryMask);

        // 2.
        calls.For("enter the working directory");
        calls.Add("chdir", Memory.Text(directory));

        // 3.
        calls.For($"open {plan.Program}");
        var program = calls.Keep("openat", Kernel.CurrentDirectory, Memory.Text(plan.Program), PathOnly | Kernel.CloseOnExec, 0);
        calls.Add("dup3", program, InterpreterDescriptor, Kernel.CloseOnExec);

        // 4.
        calls.For("close what was inherited");
        calls.Add("close_range", LastChannel + 1, InterpreterDescriptor - 1, 0);
        calls.Add("close_range", Channel.ChildEnd + 1, uint.MaxValue, 0);

        // 5.
        foreach (var (limit, soft, hard) in plan.Limits)
        {
            calls.For($"set the {limit} limit");
            calls.Add("prlimit64", 0, (long)limit, Memory.Words(soft, hard), 0);
        }

        // 6.
        CapabilitySteps.Add(calls, plan.Mode == LaunchMode.Namespaces, plan.Zygote);

        // 7.
        calls.For("refuse new privileges");
        calls.Add("prctl", SetNoNewPrivileges, 1, 0, 0, 0);

        // 8.
        calls.For("ask to end with its parent");
        ArmingSteps.Arm(calls);

        // 9.
        if (plan.Landlock is { } layer)
        {
            LandlockSteps.Add(calls, layer);
        }

        // 10.
        if (plan.Filter.Length > 0)
        {
            calls.For("install the system-call filter");
            var filter = Memory.Bytes(plan.Filter);
            var own = calls.Keep("getpid");
            foreach (var offset in plan.PidOffsets)
            {
                calls.Store(own, filter + offset);
            }

            calls.Add("seccomp", FilterMode, 0, Memory.Words((ulong)(plan.Filter.Length / InstructionBytes), (ulong)filter));
        }

        // 11.
        calls.For($"execute {plan.Program}");
        calls.Add("execveat", InterpreterDescriptor, Memory.Text(""), (byte*)Memory.Vector(plan.Arguments), (byte*)Memory.Vector(plan.Environment), Kernel.EmptyPath);
    }
}
