namespace EdgeCoder.Executor.Isolation.Seccomp;

/// <summary>Turns a policy into a classic BPF program for seccomp (Linux, Documentation/userspace-api/seccomp_filter.rst).</summary>
internal static class SeccompFilter
{
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint X32Bit = 0x40000000;

    /// <summary>
    /// Builds the program: (1) a foreign architecture is killed, because its numbers mean other calls; (2) x32 calls on x86-64 likewise;
    /// (3) each rule in turn; (4) what no rule names is refused with EPERM. A rule whose call does not exist on the architecture is left out.
    /// </summary>
    public static IReadOnlyList<BpfInstruction> Build(MachineArchitecture architecture, IEnumerable<SyscallRule> rules) =>
        Build(architecture, rules, [], SeccompAction.NotPermitted);

    /// <summary>The same with another answer for what no rule names, and for numbers that the kernel gave away after this was written.</summary>
    /// <param name="architecture">The processor.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="unknownFrom">First number of which nothing is known: from there on the answer is that there is no such call. Empty: none is special.</param>
    /// <param name="otherwise">What happens to a call that no rule names.</param>
    public static IReadOnlyList<BpfInstruction> Build(MachineArchitecture architecture, IEnumerable<SyscallRule> rules, IReadOnlyList<uint> unknownFrom, uint otherwise)
    {
        var program = new List<BpfInstruction>
        {
            new(BpfInstruction.Load, 0, 0, ArchitectureOffset),
            new(BpfInstruction.JumpIfEqual, 1, 0, architecture.AuditValue()),
            new(BpfInstruction.Return, 0, 0, SeccompAction.Kill),
            new(BpfInstruction.Load, 0, 0, NumberOffset),
        };
        if (architecture == MachineArchitecture.X64)
        {
            program.Add(new(BpfInstruction.JumpIfAtLeast, 0, 1, X32Bit));
            program.Add(new(BpfInstruction.Return, 0, 0, SeccompAction.Kill));
        }

        foreach (var first in unknownFrom)
        {
            program.Add(new(BpfInstruction.JumpIfAtLeast, 0, 1, first));
            program.Add(new(BpfInstruction.Return, 0, 0, SeccompAction.NotImplemented));
        }

        foreach (var rule in rules)
        {
            if (SyscallTable.Number(rule.Name, architecture) is { } number)
            {
                var body = Body(rule);
                program.Add(new(BpfInstruction.JumpIfEqual, 0, checked((byte)body.Count), (uint)number));
                program.AddRange(body);
            }
        }

        program.Add(new(BpfInstruction.Return, 0, 0, otherwise));
        return program;
    }

    /// <summary>The bytes of a program as <c>struct sock_filter[]</c>.</summary>
    public static byte[] Encode(IReadOnlyList<BpfInstruction> program)
    {
        var bytes = new byte[program.Count * 8];
        for (var i = 0; i < program.Count; i++)
        {
            program[i].WriteTo(bytes.AsSpan(i * 8, 8));
        }

        return bytes;
    }

    /// <summary>Where in the bytes of <see cref="Encode"/> the 32-bit little-endian process ids stand that were <see cref="SeccompPolicy.UnknownPid"/>.</summary>
    public static IReadOnlyList<int> PidOffsets(IReadOnlyList<BpfInstruction> program) =>
        [.. Enumerable.Range(0, program.Count).Where(at => program[at] is { Code: BpfInstruction.JumpIfEqual, Operand: SeccompPolicy.UnknownPid }).Select(at => (at * 8) + 4)];

    private static List<BpfInstruction> Body(SyscallRule rule)
    {
        var body = new List<BpfInstruction>();
        foreach (var alternative in rule.Alternatives)
        {
            // Each condition is load, and, compare: three instructions; a miss jumps over the rest of the alternative and its return.
            for (var i = 0; i < alternative.Count; i++)
            {
                var condition = alternative[i];
                var rest = ((alternative.Count - 1 - i) * 3) + 1;
                body.Add(new(BpfInstruction.Load, 0, 0, condition.Offset));
                body.Add(new(BpfInstruction.And, 0, 0, condition.Mask));
                body.Add(new(BpfInstruction.JumpIfEqual, 0, checked((byte)rest), condition.Value));
            }

            body.Add(new(BpfInstruction.Return, 0, 0, rule.Action));
        }

        body.Add(new(BpfInstruction.Return, 0, 0, rule.Alternatives.Count == 0 ? rule.Action : rule.Otherwise));
        return body;
    }
}
