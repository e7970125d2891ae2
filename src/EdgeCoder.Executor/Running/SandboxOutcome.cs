namespace EdgeCoder.Executor.Running;

/// <summary>How a sandboxed process came to its end.</summary>
internal enum SandboxEnd
{
    /// <summary>By itself, or because the runner wrote its end record.</summary>
    Finished,

    /// <summary>At the wall limit.</summary>
    WallLimit,

    /// <summary>At the limit of WebAssembly instructions.</summary>
    FuelLimit,

    /// <summary>At the memory limit, where the kernel does not hold it and the host watches.</summary>
    MemoryLimit,

    /// <summary>Beyond what its scratch directory may hold, where the kernel cannot limit that.</summary>
    ScratchLimit,

    /// <summary>Far beyond the output limit.</summary>
    OutputLimit,

    /// <summary>The sandbox or the check did not get to the program in time.</summary>
    StartLimit,

    /// <summary>The caller cancelled.</summary>
    Cancelled,
}

/// <summary>What one sandboxed process did, before anybody judges it.</summary>
internal sealed record SandboxOutcome
{
    /// <summary>Of a job that was cancelled before anything was started for it.</summary>
    public static SandboxOutcome CancelledBeforeStart(SandboxJob job) => NotStarted(job, SandboxEnd.Cancelled, null);

    /// <summary>Of a job that is not run, because a canary got out.</summary>
    public static SandboxOutcome Unsafe(SandboxJob job, string canary) => NotStarted(job, SandboxEnd.Finished, canary);

    private static SandboxOutcome NotStarted(SandboxJob job, SandboxEnd end, string? escaped) => new()
    {
        End = end,
        Escaped = escaped,
        Status = 0,
        Stdout = new(job.Limits.OutputBytes),
        Stderr = new(job.Limits.OutputBytes),
        Report = new(job.Key),
        Startup = TimeSpan.Zero,
        Program = TimeSpan.Zero,
        CpuMs = 0,
        MemoryBytes = null,
    };

    /// <summary>The canary that got out of the sandbox; null when none did. Then nothing else here counts.</summary>
    public string? Escaped { get; init; }

    /// <summary>How it ended.</summary>
    public required SandboxEnd End { get; init; }

    /// <summary>Exit code of the process tree, or 128 + signal; of no meaning when the host ended it.</summary>
    public required int Status { get; init; }

    /// <summary>Standard output.</summary>
    public required OutputCapture Stdout { get; init; }

    /// <summary>Standard error.</summary>
    public required OutputCapture Stderr { get; init; }

    /// <summary>The runner's report.</summary>
    public required ReportChannel Report { get; init; }

    /// <summary>Time until the program's own code ran, and after it ended.</summary>
    public required TimeSpan Startup { get; init; }

    /// <summary>Wall time of the program's own code.</summary>
    public required TimeSpan Program { get; init; }

    /// <summary>CPU time of the whole tree, in milliseconds.</summary>
    public required long CpuMs { get; init; }

    /// <summary>Largest resident set of the program, in bytes; null when it was gone before it could be asked.</summary>
    public required long? MemoryBytes { get; init; }
}
