using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Tests.Isolation;

/// <summary>Runs a classic BPF program on a <c>struct seccomp_data</c>, as the kernel does: every jump goes forward, every path ends in a return.</summary>
internal static class BpfMachine
{
    public static uint Run(IReadOnlyList<BpfInstruction> program, uint architecture, uint number, ReadOnlySpan<ulong> arguments)
    {
        Span<uint> data = stackalloc uint[16];
        data[0] = number;
        data[1] = architecture;
        for (var i = 0; i < 6; i++)
        {
            var value = i < arguments.Length ? arguments[i] : 0;
            data[4 + (2 * i)] = (uint)value;
            data[5 + (2 * i)] = (uint)(value >> 32);
        }

        var accumulator = 0u;
        for (var at = 0; ; at++)
        {
            var one = program[at];
            switch (one.Code)
            {
                case BpfInstruction.Load:
                    accumulator = data[(int)one.Operand / 4];
                    break;
                case BpfInstruction.And:
                    accumulator &= one.Operand;
                    break;
                case BpfInstruction.JumpIfEqual:
                    at += accumulator == one.Operand ? one.JumpTrue : one.JumpFalse;
                    break;
                case BpfInstruction.JumpIfAtLeast:
                    at += accumulator >= one.Operand ? one.JumpTrue : one.JumpFalse;
                    break;
                case BpfInstruction.Return:
                    return one.Operand;
                default:
                    throw new InvalidOperationException($"Instruction {one}");
            }
        }
    }
}
