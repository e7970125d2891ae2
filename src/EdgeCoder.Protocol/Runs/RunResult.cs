namespace EdgeCoder.Protocol.Runs;

/// <summary>Which isolation ran the program.</summary>
public sealed record SandboxIdentity
{
    /// <summary>Name on the wire: <c>namespaces</c>, <c>landlock</c>, <c>seatbelt</c>, <c>appcontainer</c>, <c>wsl2</c>, <c>docker</c>, <c>vm</c>, <c>wasm</c> or <c>none</c>.</summary>
    public required string Backend { get; init; }

    /// <summary>SHA-256 over what decides the behaviour of the sandbox: back-end version, interpreter, runner; lower-case hex.</summary>
    public required string Digest { get; init; }
}

/// <summary>The executor's finer reason and where in the source it applies.</summary>
public sealed record RunDetail
{
    /// <summary>Finer code, for instance <c>test_failed</c>, <c>blocked_syscall</c>, <c>exited_early</c>, <c>timeout_cpu</c>, <c>denied_network</c>.</summary>
    public required string Code { get; init; }

    /// <summary>The rule that refused, for <c>outside_subset</c>.</summary>
    public string? Rule { get; init; }

    /// <summary>What the program used, for instance <c>import socket</c>.</summary>
    public string? Construct { get; init; }

    /// <summary>What to use instead.</summary>
    public string? Alternative { get; init; }

    /// <summary>File of the snippet.</summary>
    public string? File { get; init; }

    /// <summary>Line, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>Column, from 1.</summary>
    public int? Column { get; init; }

    /// <summary>The message without its position.</summary>
    public string? Message { get; init; }
}

/// <summary>How many bytes of each stream were dropped because of the output limit.</summary>
public sealed record TruncatedOutput
{
    /// <summary>Bytes of standard output that were dropped.</summary>
    public required long StdoutBytes { get; init; }

    /// <summary>Bytes of standard error that were dropped.</summary>
    public required long StderrBytes { get; init; }
}

/// <summary>What one run in the executor gave. A claim until somebody the machine does not control has run it again.</summary>
public sealed record RunResult
{
    /// <summary><c>python</c> or <c>javascript</c>.</summary>
    public required string Language { get; init; }

    /// <summary>Exit code 0, no limit hit, and all tests passed where tests were given.</summary>
    public required bool Ok { get; init; }

    /// <summary>Standard output of the program, decoded as UTF-8, capped.</summary>
    public required string Stdout { get; init; }

    /// <summary>Standard error of the program, decoded as UTF-8, capped.</summary>
    public required string Stderr { get; init; }

    /// <summary>Exit code; 128 + n for signal n, 124 for a time limit, 137 for memory or output, 1 where nothing ran.</summary>
    public required int ExitCode { get; init; }

    /// <summary>Wall time of the program itself, in milliseconds.</summary>
    public required long DurationMs { get; init; }

    /// <summary>Wall time of everything around the program, in milliseconds.</summary>
    public long StartupMs { get; init; }

    /// <summary>Whether escalation is proposed. It sends nothing by itself.</summary>
    public required bool QueueForCloud { get; init; }

    /// <summary>Why the run was not ok; absent when it was.</summary>
    public QueueReason? QueueReason { get; init; }

    /// <summary>The finer reason.</summary>
    public RunDetail? Detail { get; init; }

    /// <summary>Limits in force and used.</summary>
    public required RunLimits Limits { get; init; }

    /// <summary>The test report, where tests were given.</summary>
    public TestReport? Tests { get; init; }

    /// <summary>The isolation that ran it; absent when nothing ran.</summary>
    public SandboxIdentity? Sandbox { get; init; }

    /// <summary>What was cut from the output; absent when nothing was.</summary>
    public TruncatedOutput? Truncated { get; init; }
}
