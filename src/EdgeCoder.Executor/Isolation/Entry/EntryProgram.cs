using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Isolation.Entry;

/// <summary>
/// The first program inside the namespaces, generated for each run. Bubblewrap cannot do four things that the design asks for: a scratch
/// directory with a limited number of files and no executables, hard resource limits inside the new user namespace, closing what was inherited,
/// and a filter under which nothing can be executed any more. This program does them and becomes the interpreter.
/// </summary>
/// <remarks>
/// Steps: 1 mount the scratch; 2 enter it; 3 open the interpreter; 4 move it to a descriptor above the limit; 5, 6 close every other descriptor
/// above the report channel; 7 to n limits; then empty the bounding set, clear ambient capabilities, give up all capabilities, no new privileges, install the filter, execute.
/// </remarks>
internal static class EntryProgram
{
    /// <summary>Descriptor on which a runner reads its job.</summary>
    public const int JobDescriptor = 3;

    /// <summary>Descriptor on which a runner reports.</summary>
    public const int ReportDescriptor = 4;

    /// <summary>Where the scratch directory is mounted.</summary>
    public const string ScratchPath = "/tmp";

    /// <summary>Steps as a person may read them, in order of their failure codes.</summary>
    public static IReadOnlyList<string> Steps { get; } =
    [
        "mount the scratch directory", "enter the scratch directory", "open the interpreter", "keep the interpreter open",
        "close inherited descriptors", "close inherited descriptors", .. Enum.GetNames<ResourceLimit>().Select(limit => $"set the {limit} limit"),
        "drop CAP_SYS_ADMIN", "drop CAP_SETPCAP", "clear ambient capabilities", "give up capabilities", "refuse new privileges", "install the system-call filter", "execute the interpreter",
    ];

    private const ulong NoSuidNoDevNoExec = 2 | 4 | 8;
    private const ulong PathOnlyCloseOnExec = 0x200000 | 0x80000; // O_PATH | O_CLOEXEC
    private const ulong CloseOnExec = 0x80000;
    private const ulong AtFdCwd = unchecked((ulong)-100L);
    private const uint CapabilityVersion3 = 0x20080522;

    /// <summary>Builds the image for one run.</summary>
    public static byte[] Build(MachineArchitecture architecture, EntryPlan plan)
    {
        var program = new EntryAssembler(architecture);
        var filter = SeccompFilter.Build(architecture, SeccompPolicy.For(SeccompPolicy.BubblewrapProgramPid));
        var filterAddress = program.Data(SeccompFilter.Encode(filter));
        var tmpfs = program.Text("tmpfs");
        var scratch = program.Text(ScratchPath);
        var empty = program.Text("");

        program.Call("mount", false, tmpfs, scratch, tmpfs, NoSuidNoDevNoExec, program.Text($"size={plan.ScratchBytes},nr_inodes={plan.ScratchFiles},mode=0700"));
        program.Call("chdir", false, scratch);
        program.Call("openat", false, AtFdCwd, program.Text(plan.Interpreter), PathOnlyCloseOnExec, 0UL);
        program.Call("dup3", false, null, (ulong)SeccompPolicy.InterpreterDescriptor, CloseOnExec);
        program.Call("close_range", false, (ulong)ReportDescriptor + 1, (ulong)SeccompPolicy.InterpreterDescriptor - 1, 0UL);
        program.Call("close_range", false, (ulong)SeccompPolicy.InterpreterDescriptor + 1, uint.MaxValue, 0UL);
        foreach (var limit in Enum.GetValues<ResourceLimit>())
        {
            var (soft, hard) = plan.Limits[limit];
            program.Call("prlimit64", false, 0UL, (ulong)limit, program.Words(soft, hard), 0UL);
        }

        program.Call("prctl", false, 24UL, 21UL, 0UL, 0UL, 0UL); // PR_CAPBSET_DROP, CAP_SYS_ADMIN
        program.Call("prctl", false, 24UL, 8UL, 0UL, 0UL, 0UL); // CAP_SETPCAP
        program.Call("prctl", false, 47UL, 4UL, 0UL, 0UL, 0UL); // PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL
        program.Call("capset", false, program.Words(CapabilityVersion3), program.Words(0, 0, 0));
        program.Call("prctl", false, 38UL, 1UL, 0UL, 0UL, 0UL); // PR_SET_NO_NEW_PRIVS
        program.Call("seccomp", false, 1UL, 0UL, program.Words((ulong)filter.Count, filterAddress)); // SECCOMP_SET_MODE_FILTER, struct sock_fprog
        program.Call("execveat", false, (ulong)SeccompPolicy.InterpreterDescriptor, empty, program.Vector(plan.Arguments), program.Vector(plan.Environment), 0x1000UL);
        return program.Build();
    }
}
