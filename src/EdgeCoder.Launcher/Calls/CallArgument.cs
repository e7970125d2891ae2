namespace EdgeCoder.Launcher.Calls;

/// <summary>An argument of a call: a value, or a place where an earlier call leaves one.</summary>
/// <param name="Value">The value, or the address of the place.</param>
/// <param name="Indirect">Which of both.</param>
internal readonly unsafe record struct CallArgument(long Value, bool Indirect)
{
    public static implicit operator CallArgument(long value) => new(value, false);

    public static implicit operator CallArgument(byte* address) => new((long)address, false);

    public static implicit operator CallArgument(ulong* address) => new((long)address, false);

    public static implicit operator CallArgument(uint* address) => new((long)address, false);

    /// <summary>What will be at an address.</summary>
    public static CallArgument At(long* place) => new((long)place, true);
}
