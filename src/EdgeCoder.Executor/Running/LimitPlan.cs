using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Running;

/// <summary>The limits of one run: what was asked for within what is allowed, and what the kernel is told.</summary>
internal sealed record LimitPlan
{
    /// <summary>Default wall and CPU time.</summary>
    public static readonly TimeSpan DefaultTime = TimeSpan.FromSeconds(4);

    /// <summary>Default memory.</summary>
    public const long DefaultMemoryBytes = 256 << 20;

    /// <summary>Default bytes kept of each stream.</summary>
    public const int DefaultOutputBytes = 64 << 10;

    /// <summary>Files and directories in the scratch directory.</summary>
    public const int ScratchFiles = 1024;

    /// <summary>Bytes of the scratch directory.</summary>
    public const long ScratchBytes = 16 << 20;

    private const int OpenFiles = 64;
    private const long StackBytes = 8 << 20;

    private static readonly TimeSpan ShortestTime = TimeSpan.FromMilliseconds(10);
    /// <summary>Longest time that can be asked for.</summary>
    public static readonly TimeSpan LongestTime = TimeSpan.FromMinutes(10);
    private const long LeastMemory = 32 << 20;
    private const long MostMemory = 64L << 30;
    private const long MostOutput = 16 << 20;

    /// <summary>Wall time of the program, and its CPU time.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>Memory, in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Bytes kept of each stream.</summary>
    public required int OutputBytes { get; init; }

    /// <summary>Language: node needs more threads, and address space that it never uses.</summary>
    public required SnippetLanguage Language { get; init; }

    /// <summary>Processes and threads, bubblewrap's reaper included.</summary>
    public int Processes => Language == SnippetLanguage.Python ? 32 : 48;

    /// <summary>Heap that node is told, in MiB: half of the memory, the rest is for buffers, code and stacks.</summary>
    public long HeapMib => Math.Max(16, (MemoryBytes >> 20) / 2);

    /// <summary>Reads what was asked for. An absurd value is a fault, not something to be rounded.</summary>
    public static (LimitPlan? Plan, string? Fault) Read(SnippetLanguage language, RequestedLimits limits)
    {
        var time = limits.Time ?? DefaultTime;
        var memory = limits.MemoryBytes ?? DefaultMemoryBytes;
        var output = limits.OutputBytes ?? DefaultOutputBytes;
        var fault =
            time < ShortestTime || time > LongestTime ? $"a time limit lies between {ShortestTime.TotalMilliseconds} ms and {LongestTime.TotalMinutes} min"
            : memory is < LeastMemory or > MostMemory ? $"a memory limit lies between {LeastMemory >> 20} MiB and {MostMemory >> 30} GiB"
            : output is < 2 or > MostOutput ? $"an output limit lies between 2 bytes and {MostOutput >> 20} MiB"
            : null;
        return fault is null ? (new LimitPlan { Language = language, Time = time, MemoryBytes = memory, OutputBytes = (int)output }, null) : (null, fault);
    }

    /// <summary>The limits as results show them.</summary>
    public RunLimits ToRunLimits() => new()
    {
        WallMs = (long)Time.TotalMilliseconds,
        CpuMs = (long)Time.TotalMilliseconds,
        MemoryBytes = MemoryBytes,
        OutputBytes = OutputBytes,
        ScratchBytes = ScratchBytes,
        Processes = Processes,
        OpenFiles = OpenFiles,
    };

    /// <summary>The limits that are this run's own: bytes of data, bytes of address space, whole seconds of CPU.</summary>
    public (ulong Data, ulong AddressSpace, ulong CpuSeconds) OwnLimits()
    {
        // The kernel counts CPU in whole seconds, and the interpreter's own start is in it: one more second, so that a program that computes
        // without a pause ends at its wall limit and only one that keeps several processors busy ends at this one.
        var python = Language == SnippetLanguage.Python;
        return ((ulong)MemoryBytes + (python ? 0 : 64ul << 20), python ? (ulong)MemoryBytes + (128ul << 20) : ulong.MaxValue, (ulong)Math.Ceiling(Time.TotalSeconds) + 1);
    }

    /// <summary>What the entry program does for this run.</summary>
    public EntryPlan ToEntryPlan(string interpreter, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        var (data, addressSpace, seconds) = OwnLimits();
        return new EntryPlan
        {
            Interpreter = interpreter,
            Arguments = arguments,
            Environment = environment,
            ScratchBytes = ScratchBytes,
            ScratchFiles = ScratchFiles,
            Limits = new Dictionary<ResourceLimit, (ulong Soft, ulong Hard)>
            {
                [ResourceLimit.Cpu] = (seconds, seconds + 1),
                [ResourceLimit.FileSize] = (ScratchBytes, ScratchBytes),
                [ResourceLimit.Data] = (data, data),
                [ResourceLimit.Stack] = (StackBytes, StackBytes),
                [ResourceLimit.Core] = (0, 0),
                [ResourceLimit.Processes] = ((ulong)Processes, (ulong)Processes),
                [ResourceLimit.OpenFiles] = (OpenFiles, OpenFiles),
                [ResourceLimit.LockedMemory] = (0, 0),
                [ResourceLimit.AddressSpace] = (addressSpace, addressSpace),
                [ResourceLimit.MessageQueues] = (0, 0),
            },
        };
    }
}
