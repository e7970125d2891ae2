namespace EdgeCoder.Executor.Isolation.Seccomp;

/// <summary>A condition on one half of one argument: <c>(half &amp; Mask) == Value</c>.</summary>
/// <param name="Argument">Index, 0 to 5.</param>
/// <param name="Mask">Bits that count.</param>
/// <param name="Value">What they must be.</param>
/// <param name="UpperHalf">Whether the upper 32 bits are meant; pointers need both halves checked.</param>
internal readonly record struct ArgumentCondition(int Argument, uint Mask, uint Value, bool UpperHalf = false)
{
    /// <summary>The lower 32 bits equal a value, as for arguments the kernel reads as an int.</summary>
    public static ArgumentCondition Is(int argument, uint value) => new(argument, uint.MaxValue, value);

    /// <summary>Both halves are zero, as for a pointer that must be null.</summary>
    public static ArgumentCondition[] IsNull(int argument) => [Is(argument, 0), Is(argument, 0) with { UpperHalf = true }];

    /// <summary>Offset of the half in <c>struct seccomp_data</c>: number, architecture, instruction pointer, then six 64-bit arguments, little-endian.</summary>
    public uint Offset => (uint)(16 + (8 * Argument) + (UpperHalf ? 4 : 0));
}
