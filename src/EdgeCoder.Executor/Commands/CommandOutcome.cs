using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Commands;

/// <summary>How a command ended.</summary>
public enum CommandEnd
{
    /// <summary>By itself.</summary>
    Exited,

    /// <summary>A signal ended it that the sandbox did not send.</summary>
    Signalled,

    /// <summary>The wall limit; exit code 124.</summary>
    TimedOut,

    /// <summary>The limit of output; exit code 137.</summary>
    OutputLimit,

    /// <summary>The caller's cancellation; exit code 137.</summary>
    Cancelled,

    /// <summary>The program is not there or cannot be executed; exit code 127 or 126.</summary>
    NotStarted,

    /// <summary>There is no isolation, so nothing ran; exit code 125.</summary>
    Unavailable,
}

/// <summary>What a command did.</summary>
public sealed record CommandOutcome
{
    /// <summary>How it ended.</summary>
    public required CommandEnd End { get; init; }

    /// <summary>Exit code; 128 + number of the signal for one that a signal ended.</summary>
    public required int ExitCode { get; init; }

    /// <summary>Standard output.</summary>
    public required CommandText Stdout { get; init; }

    /// <summary>Standard error.</summary>
    public required CommandText Stderr { get; init; }

    /// <summary>Wall time.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Where it ran; absent when nothing did.</summary>
    public SandboxIdentity? Sandbox { get; init; }

    /// <summary>Why nothing ran.</summary>
    public CommandRefusal? Refusal { get; init; }
}

/// <summary>What was kept of a stream.</summary>
/// <param name="Head">The beginning.</param>
/// <param name="Tail">The end, when something between was dropped; else empty.</param>
/// <param name="Dropped">Bytes between them that were dropped.</param>
public sealed record CommandText(byte[] Head, byte[] Tail, long Dropped)
{
    /// <summary>Nothing.</summary>
    public static CommandText Empty { get; } = new([], [], 0);

    /// <summary>As text: UTF-8, faulty bytes replaced, the gap stated.</summary>
    public override string ToString() => Dropped == 0
        ? System.Text.Encoding.UTF8.GetString(Head)
        : $"{System.Text.Encoding.UTF8.GetString(Head)}\n... {Dropped} bytes dropped ...\n{System.Text.Encoding.UTF8.GetString(Tail)}";
}

/// <summary>Why commands cannot run here.</summary>
/// <param name="Message">The reason.</param>
/// <param name="Remedy">What to do; absent when nothing helps.</param>
public sealed record CommandRefusal(string Message, string? Remedy);
