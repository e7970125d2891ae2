using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;

namespace EdgeCoder.Executor.Isolation.Launcher;

/// <summary>How the launcher isolates.</summary>
internal enum LaunchMode
{
    /// <summary>New namespaces and a root of its own.</summary>
    Namespaces = 1,

    /// <summary>Landlock and the system-call filter alone, where user namespaces are blocked.</summary>
    Landlock = 2,
}

/// <summary>
/// Everything the launcher is told, in a sealed file in memory: nothing is in an argument vector, and nothing is decided in the launcher that a test of
/// this assembly could not look at. Both programs compile this file.
/// </summary>
internal sealed record LaunchPlan
{
    /// <summary>Stands in arguments, environment and Landlock paths for the directory that the launcher makes in <see cref="LaunchMode.Landlock"/>.</summary>
    public const string ScratchMark = "{scratch}";

    /// <summary>Descriptor from which the launcher reads the plan.</summary>
    public const int Descriptor = 6;

    /// <summary>Exit code of the launcher when it could not start the program; it says why on standard error.</summary>
    public const int FailureCode = 125;

    /// <summary>The process whose end ends everything: the launcher's parent.</summary>
    public required int HostPid { get; init; }

    /// <summary>How to isolate.</summary>
    public required LaunchMode Mode { get; init; }

    /// <summary>Whether the program makes the children that run jobs: it keeps two capabilities, and has no filter and no limit that counts for one job.</summary>
    public required bool Zygote { get; init; }

    /// <summary>User and group that the launcher becomes first, because limits on processes do not hold for root; null when it is not started as root.</summary>
    public uint? UserId { get; init; }

    /// <summary>What is visible read-only.</summary>
    public required IReadOnlyList<SandboxMount> Mounts { get; init; }

    /// <summary>Devices.</summary>
    public required IReadOnlyList<string> Devices { get; init; }

    /// <summary>The runner's files: plain names and contents.</summary>
    public required IReadOnlyList<(string Name, byte[] Content)> RunnerFiles { get; init; }

    /// <summary>The interpreter's file, as the program sees it.</summary>
    public required string Program { get; init; }

    /// <summary>Argument vector, the interpreter's own name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment, as <c>NAME=value</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>Bytes of the scratch directory; in <see cref="LaunchMode.Landlock"/> no kernel limit holds it.</summary>
    public required long ScratchBytes { get; init; }

    /// <summary>Files and directories of the scratch directory; as above.</summary>
    public required int ScratchFiles { get; init; }

    /// <summary>Resource limits: soft, hard.</summary>
    public required IReadOnlyList<(ResourceLimit Limit, ulong Soft, ulong Hard)> Limits { get; init; }

    /// <summary>The system-call filter as <c>struct sock_filter[]</c>; empty when there is none.</summary>
    public required byte[] Filter { get; init; }

    /// <summary>Where in <see cref="Filter"/> the program's own process id is put in, 32 bits each.</summary>
    public required IReadOnlyList<int> PidOffsets { get; init; }

    /// <summary>The Landlock layer; null when the kernel has none and namespaces hold alone.</summary>
    public LandlockLayer? Landlock { get; init; }
}
