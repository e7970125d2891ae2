namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>What one program may use.</summary>
internal static class WasmLimits
{
    /// <summary>Linear memory at most: QuickJS, its stack and everything the program makes.</summary>
    public const long MemoryBytes = 64 << 20;

    /// <summary>Bytes of a page of linear memory.</summary>
    public const int PageBytes = 64 << 10;

    /// <summary>Pages that the module asks for at its start: 16 MiB, most of them never touched.</summary>
    public const int FirstPages = 256;

    /// <summary>Bytes of the program's objects: what is left beside QuickJS's data, its stack of 5 MiB, and what its allocator loses between blocks.</summary>
    public const int ScriptBytes = 54 << 20;

    /// <summary>Bytes more while the runner tells how a program failed, which had used up its own.</summary>
    public const int ReportBytes = 3 << 20;

    /// <summary>
    /// Units of fuel, about one WebAssembly instruction each, for a second of the time limit. A processor of 2023 executes 6 to 10 thousand million a second
    /// here, so that fuel ends at half to two thirds of the time limit there, and at the same instruction on every machine; the wall limit is for slow ones.
    /// </summary>
    public const ulong FuelPerSecond = 4_000_000_000;

    /// <summary>Stack of QuickJS in linear memory, at which recursion becomes a RangeError. It has 5 MiB there.</summary>
    public const int ScriptStackBytes = 1536 << 10;

    /// <summary>Native stack of the compiled module. Deep enough that <see cref="ScriptStackBytes"/> is always reached first; the tests look at that.</summary>
    public const int NativeStackBytes = 48 << 20;

    /// <summary>Stack of the thread: the native stack, and the host functions above it.</summary>
    public const int ThreadStackBytes = NativeStackBytes + (2 << 20);

    /// <summary>Fuel for a time limit.</summary>
    public static ulong Fuel(TimeSpan time) => (ulong)(time.TotalSeconds * FuelPerSecond);
}
