namespace EdgeCoder.Protocol.Runs;

/// <summary>The limits in force for one run, what was used of them, and which one was hit.</summary>
public sealed record RunLimits
{
    /// <summary>Wall time of the program, in milliseconds; start-up of the sandbox is not counted. Default 4,000.</summary>
    public required long WallMs { get; init; }

    /// <summary>CPU time of the program's process, in milliseconds. Default 4,000.</summary>
    public required long CpuMs { get; init; }

    /// <summary>Memory, in bytes, without swap. Default 256 MiB.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Bytes kept of each output stream. Default 64 KiB.</summary>
    public required long OutputBytes { get; init; }

    /// <summary>Bytes of the scratch directory. Default 16 MiB.</summary>
    public required long ScratchBytes { get; init; }

    /// <summary>Processes and threads. Default 32 for Python, 48 for node.</summary>
    public required int Processes { get; init; }

    /// <summary>Open files. Default 64.</summary>
    public required int OpenFiles { get; init; }

    /// <summary>CPU time used, in milliseconds, when the back-end could measure it.</summary>
    public long? UsedCpuMs { get; init; }

    /// <summary>Largest resident memory used, in bytes, when the back-end could measure it.</summary>
    public long? UsedMemoryBytes { get; init; }

    /// <summary>The limit that ended the run: <c>wall</c>, <c>cpu</c>, <c>memory</c>, <c>output</c>, <c>processes</c>, <c>file_size</c>; absent when none was.</summary>
    public string? Hit { get; init; }
}
